import { findNode } from '../state.ts';
import type { Handler } from './handler.ts';

/** Gone is gone, whichever attempt tells. */
export const nodeTerminated: Handler<'nodeTerminated'> = (draft, { nodeId }) => {
  if (findNode(draft.state, nodeId)?.state === 'terminating') draft.emit({ type: 'nodeTerminated', nodeId });
};
