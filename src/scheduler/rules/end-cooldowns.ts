import type { Draft } from '../draft.ts';
import type { Node, State } from '../state.ts';
import { AT_ONCE, NEVER, type Rule } from './rule.ts';

/** Discards nodes that could not be provisioned, and tries again to terminate those that could not be. */
export const endCooldowns: Rule = draft => {
  for (const node of draft.state.nodes) if (cooldownEndAt(draft.state, node) <= draft.at) endCooldown(draft, node);
};

/** When this node's cooldown is over. Who shuts the server down does not wait for any. */
export const cooldownEndAt = ({ phase }: State, { retryAt }: Node): number => {
  if (retryAt === null) return NEVER;
  return phase === 'draining' ? AT_ONCE : retryAt;
};

const endCooldown = (draft: Draft, { id: nodeId, state, attempt }: Node): void => {
  if (state === 'failedProvisioning') {
    draft.emit({ type: 'nodeDiscarded', nodeId });
  } else {
    draft.emit({ type: 'nodeTerminationRetried', nodeId, attempt: attempt + 1 });
    draft.order({ type: 'terminateNode', nodeId, attempt: attempt + 1 });
  }
};
