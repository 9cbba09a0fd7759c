import { loseNode } from '../moves.ts';
import { findNode } from '../state.ts';
import type { Handler } from './handler.ts';

/** A node that is not online any more has no tasks to lose. */
export const nodeLost: Handler<'nodeLost'> = (draft, { nodeId, why }) => {
  if (findNode(draft.state, nodeId)?.state === 'online') loseNode(draft, nodeId, why);
};
