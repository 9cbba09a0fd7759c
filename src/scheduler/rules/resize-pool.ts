import type { NodeId } from '../../domain/names.ts';
import type { Draft } from '../draft.ts';
import { isOfToday, type Node, type State } from '../state.ts';
import type { Rule } from './rule.ts';

/** Makes the nodes that the queue asks for, as QUEUED ones; drops QUEUED ones, the newest first, that it asks for no more. */
export const resizePool: Rule = draft => {
  if (draft.state.phase !== 'open') return;
  const needed = nodesNeeded(poolOf(draft.state));
  const surplus: NodeId[] = [];
  let queued = 0;
  for (const node of draft.state.nodes) {
    if (node.state !== 'queued') continue;
    if (queued < needed && isOfToday(draft.state, node)) queued += 1;
    else surplus.push(node.id);
  }
  for (const nodeId of surplus.reverse()) draft.emit({ type: 'nodeDiscarded', nodeId });
  for (; queued < needed; queued += 1) createNode(draft);
};

/** What the size of the pool is made from. */
export type Pool = {
  /** By all queued tasks together. */
  readonly wantedSlots: number;
  readonly slotsPerNode: number;
  readonly maxNodes: number;
  /** Nodes being provisioned: their slots are as good as there. */
  readonly incoming: number;
  /** The others that count as nodes; not the QUEUED ones, whose number is what is asked for. */
  readonly existing: number;
};

/** How many nodes shall be QUEUED. Running nodes are no capacity here: what is queued did not fit them. */
export const nodesNeeded = ({ wantedSlots, slotsPerNode, maxNodes, incoming, existing }: Pool): number => {
  const missing = Math.ceil((wantedSlots - incoming * slotsPerNode) / slotsPerNode);
  return Math.max(0, Math.min(missing, maxNodes - existing - incoming));
};

const poolOf = (state: State): Pool => {
  const { slotsPerNode, maxNodes } = state.config;
  let incoming = 0;
  let existing = 0;
  for (const node of state.nodes) {
    if (node.state === 'provisioning' && isOfToday(state, node)) incoming += 1;
    else if (countsAsNode(node)) existing += 1;
  }
  return { wantedSlots: state.wantedSlots, slotsPerNode, maxNodes, incoming, existing };
};

/** A node that could not be terminated is the operator's: counted, it would block a pool of one for good. */
const countsAsNode = ({ state }: Node): boolean => state !== 'queued' && state !== 'failedTerminating';

const createNode = (draft: Draft): void => {
  const { nodeCount, config } = draft.state;
  draft.emit({ type: 'nodeCreated', nodeId: `node-${nodeCount + 1}` as NodeId, slots: config.slotsPerNode });
};
