import { findNode } from '../state.ts';
import type { Handler } from './handler.ts';

/** Also while draining, when the provisioning could not be cancelled in time: the idle node is ended by the next tick. */
export const nodeProvisioned: Handler<'nodeProvisioned'> = (draft, { nodeId }) => {
  if (findNode(draft.state, nodeId)?.state === 'provisioning') draft.emit({ type: 'nodeOnline', nodeId });
};
