import type { Draft } from '../draft.ts';
import type { Node } from '../state.ts';
import type { Rule } from './rule.ts';

/** Discards nodes that could not be provisioned, and tries again to terminate those that could not be; while draining at once. */
export const endCooldowns: Rule = draft => {
  for (const node of draft.state.nodes) {
    if (node.retryAt === null) continue;
    if (node.retryAt <= draft.at || draft.state.phase === 'draining') endCooldown(draft, node);
  }
};

const endCooldown = (draft: Draft, { id: nodeId, state, attempt }: Node): void => {
  if (state === 'failedProvisioning') {
    draft.emit({ type: 'nodeDiscarded', nodeId });
  } else {
    draft.emit({ type: 'nodeTerminationRetried', nodeId, attempt: attempt + 1 });
    draft.order({ type: 'terminateNode', nodeId, attempt: attempt + 1 });
  }
};
