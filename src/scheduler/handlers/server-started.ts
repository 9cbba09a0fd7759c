import { abortTooWide, terminateNode } from '../moves.ts';
import { outstanding } from '../outstanding.ts';
import { jobsInOrder } from '../state.ts';
import type { Handler } from './handler.ts';

/** Takes up what was under way when the last server stopped, under the flags of today. */
export const serverStarted: Handler<'serverStarted'> = (draft, { config }) => {
  draft.emit({ type: 'serverStarted', config });
  for (const effect of outstanding(draft.state)) draft.order(effect);
  for (const job of jobsInOrder(draft.state)) abortTooWide(draft, job);
  // A start is the operator's word that something has changed: nodes that could not be terminated get their attempts anew.
  for (const { id, state } of draft.state.nodes) if (state === 'failedTerminating') terminateNode(draft, id);
};
