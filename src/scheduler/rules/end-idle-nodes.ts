import { terminateNode } from '../moves.ts';
import { isOfToday, type Node, type State } from '../state.ts';
import { NEVER, type Rule } from './rule.ts';

/**
 * Ends online nodes with all their slots free that nobody needs. It need not ask whether something is queued: a free node
 * that answers fits every task, so what is queued would have taken it in the same pass.
 */
export const endIdleNodes: Rule = draft => {
  for (const node of draft.state.nodes) if (idleEndAt(draft.state, node) <= draft.at) terminateNode(draft, node.id);
};

/** When this node ends. */
export const idleEndAt = (state: State, node: Node): number => {
  if (node.idleSince === null) return NEVER;
  // Free and of no more use: the server stops, or makes nodes of another width now.
  if (state.phase !== 'open' || !isOfToday(state, node)) return node.idleSince;
  if (node.unreachable === null) return node.idleSince + state.config.nodeIdleTimeoutMs;
  // Of no use as long as it does not answer, and in the place of one that would; but a connection is made anew sooner than a node.
  return Math.max(node.idleSince, node.unreachable.since + state.config.provisioningFailureCooldownMs);
};
