import type { Draft } from '../draft.ts';
import { abortQueued, cancelTask } from '../moves.ts';
import { jobsInOrder, liveTasks } from '../state.ts';
import type { Handler } from './handler.ts';

/** From now on nothing is taken and nothing new begins; the rules end what is there, and say when all of it is gone. */
export const shutdownRequested: Handler<'shutdownRequested'> = draft => {
  if (draft.state.phase !== 'open') return;
  draft.emit({ type: 'drainStarted' });
  for (const job of jobsInOrder(draft.state)) abortQueued(draft, job);
  for (const task of liveTasks(draft.state)) cancelTask(draft, task);
  giveUpIncomingNodes(draft);
};

const giveUpIncomingNodes = (draft: Draft): void => {
  for (const { id, state } of draft.state.nodes) {
    if (state === 'queued') draft.emit({ type: 'nodeDiscarded', nodeId: id });
    if (state === 'provisioning') draft.order({ type: 'cancelProvisioning', nodeId: id });
  }
};
