import { returnTask } from '../moves.ts';
import { findNode, taskAt } from '../state.ts';
import type { Handler } from './handler.ts';

/**
 * Tasks that run there run on: silence is no loss. Those that wait for their start go back to the queue, and from there to
 * whoever answers.
 */
export const nodeUnreachable: Handler<'nodeUnreachable'> = (draft, { nodeId, why }) => {
  const node = findNode(draft.state, nodeId);
  if (node?.state !== 'online' || node.unreachable?.why === why) return;
  draft.emit({ type: 'nodeUnreachable', nodeId, why });
  for (const key of node.waiting) returnTask(draft, taskAt(draft.state, key));
};
