import { loseNode } from '../moves.ts';
import type { Node, State } from '../state.ts';
import { NEVER, type Rule } from './rule.ts';

/**
 * Gives up nodes that do not answer, with what runs there, when the server stops: whoever stopped it wants all of it ended, and can't
 * wait for a word that may never come. While the server is open, silence is no loss.
 */
export const giveUpSilentNodes: Rule = draft => {
  for (const node of draft.state.nodes)
    if (giveUpAt(draft.state, node) <= draft.at) loseNode(draft, node.id, node.unreachable?.why ?? '');
};

/** When this node is given up. A connection that broke for a moment is made anew before that. */
export const giveUpAt = ({ phase, config }: State, { unreachable }: Node): number =>
  phase !== 'draining' || unreachable === null ? NEVER : unreachable.since + config.provisioningFailureCooldownMs;
