import { findNode } from '../state.ts';
import type { Handler } from './handler.ts';

/** After so many failed attempts a node is left to the operator, and to the next start of the server. */
const TERMINATION_ATTEMPTS = 3;

/** The answer to another attempt than the one under way is late or repeated: counted again, it would use up an attempt. */
export const nodeTerminationFailed: Handler<'nodeTerminationFailed'> = (draft, { at, nodeId, attempt, why }) => {
  const node = findNode(draft.state, nodeId);
  if (node?.state !== 'terminating' || node.attempt !== attempt || node.retryAt !== null) return;
  if (attempt >= TERMINATION_ATTEMPTS) return draft.emit({ type: 'nodeTerminationFailed', nodeId, why });
  const retryAt = at + draft.state.config.provisioningFailureCooldownMs;
  draft.emit({ type: 'nodeTerminationAttemptFailed', nodeId, attempt, why, retryAt });
};
