import { findNode } from '../state.ts';
import type { Handler } from './handler.ts';

/** It takes tasks again, from the next tick on. */
export const nodeReachable: Handler<'nodeReachable'> = (draft, { nodeId }) => {
  const isNews = (findNode(draft.state, nodeId)?.unreachable ?? null) !== null;
  if (isNews) draft.emit({ type: 'nodeReachable', nodeId });
};
