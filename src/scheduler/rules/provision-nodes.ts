import type { Node, State } from '../state.ts';
import { AT_ONCE, NEVER, type Rule } from './rule.ts';

/** Lets queued nodes become real, the oldest first, the provisioning delay apart. */
export const provisionNodes: Rule = draft => {
  for (const node of draft.state.nodes) {
    if (provisionAt(draft.state, node) > draft.at) continue;
    draft.emit({ type: 'nodeProvisioning', nodeId: node.id });
    draft.order({ type: 'provisionNode', nodeId: node.id });
  }
};

/** When this node may be provisioned. Only what was provisioned a short while ago delays it: the first one never waits. */
export const provisionAt = ({ lastProvisionAt, config }: State, { state }: Node): number =>
  state === 'queued' ? (lastProvisionAt ?? AT_ONCE) + config.provisioningDelayMs : NEVER;
