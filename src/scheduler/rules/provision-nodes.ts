import type { State } from '../state.ts';
import type { Rule } from './rule.ts';

/** Lets queued nodes become real, the oldest first, the provisioning delay apart. */
export const provisionNodes: Rule = draft => {
  for (const { id: nodeId, state } of draft.state.nodes) {
    if (state !== 'queued') continue;
    if (nextProvisionAt(draft.state) > draft.at) break;
    draft.emit({ type: 'nodeProvisioning', nodeId });
    draft.order({ type: 'provisionNode', nodeId });
  }
};

/** When a queued node may be provisioned. Only what was provisioned a short while ago delays it: the first one never waits. */
export const nextProvisionAt = ({ lastProvisionAt, config }: State): number =>
  lastProvisionAt === null ? Number.NEGATIVE_INFINITY : lastProvisionAt + config.provisioningDelayMs;
