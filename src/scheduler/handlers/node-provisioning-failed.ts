import { findNode } from '../state.ts';
import type { Handler } from './handler.ts';

/** The node keeps its place in the pool until its cooldown is over: a cloud that says no is not asked again at once. */
export const nodeProvisioningFailed: Handler<'nodeProvisioningFailed'> = (draft, { at, nodeId, why }) => {
  if (findNode(draft.state, nodeId)?.state !== 'provisioning') return;
  const retryAt = at + draft.state.config.provisioningFailureCooldownMs;
  draft.emit({ type: 'nodeProvisioningFailed', nodeId, why, retryAt });
};
