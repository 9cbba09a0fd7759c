import { terminateNode } from '../moves.ts';
import type { Node, State } from '../state.ts';
import type { Rule } from './rule.ts';

/** Ends online nodes with all their slots free that nobody needs. */
export const endIdleNodes: Rule = draft => {
  for (const node of draft.state.nodes) {
    const due = idleEndAt(draft.state, node);
    if (due !== null && due <= draft.at) terminateNode(draft, node.id);
  }
};

/** When this node ends if nothing happens; `null`: it does not. */
export const idleEndAt = (state: State, { idleSince, slots }: Node): number | null => {
  if (idleSince === null) return null;
  // Free and of no more use: the server stops, or makes nodes of another width now.
  if (state.phase !== 'open' || slots.length !== state.config.slotsPerNode) return idleSince;
  return state.wantedSlots > 0 ? null : idleSince + state.config.nodeIdleTimeoutMs;
};
