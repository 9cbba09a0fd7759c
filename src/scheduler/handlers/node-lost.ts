import type { Draft } from '../draft.ts';
import { endTask, returnTask, terminateNode } from '../moves.ts';
import { findNode, type LiveTask, liveTasks } from '../state.ts';
import type { Handler } from './handler.ts';
import { outcomeOf } from './task-ended.ts';

/**
 * Tasks that ran there fail: their work is gone, and running it again is the user's choice. Those that had not started go
 * back to the queue, those that were kept have their end already. What may be left of the node is terminated.
 */
export const nodeLost: Handler<'nodeLost'> = (draft, { nodeId, why }) => {
  if (findNode(draft.state, nodeId)?.state !== 'online') return;
  for (const task of liveTasks(draft.state)) if (task.nodeId === nodeId) loseTask(draft, task, why);
  terminateNode(draft, nodeId);
};

const loseTask = (draft: Draft, task: LiveTask, why: string): void => {
  if (task.kept !== null) endTask(draft, task, task.kept.outcome);
  else if (task.startedAt === null) returnTask(draft, task);
  else failTask(draft, task, why);
};

/** Hurries the run that waits for an answer from nowhere; what it says then comes late. Nothing is left to clean up. */
const failTask = (draft: Draft, task: LiveTask, why: string): void => {
  draft.order({ type: 'stopTask', jobId: task.jobId, index: task.index, reason: task.stop ?? 'cancel' });
  endTask(draft, task, outcomeOf({ type: 'broken', reason: `its node was lost: ${why}` }, task.stop));
};
