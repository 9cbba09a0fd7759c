import type { NodeId } from '../../domain/names.ts';
import type { Draft } from '../draft.ts';
import type { Node, State } from '../state.ts';
import type { Rule } from './rule.ts';

/** Makes the nodes that the queue asks for, as QUEUED ones; drops QUEUED ones, the newest first, that it asks for no more. */
export const resizePool: Rule = draft => {
  const { nodes, phase } = draft.state;
  if (phase !== 'open') return;
  const queued = nodes.filter(node => node.state === 'queued' && isOfToday(draft.state, node));
  const wanted = nodesNeeded(poolOf(draft.state));

  for (const node of nodes.toReversed()) {
    const surplus = node.state === 'queued' && !queued.slice(0, wanted).includes(node);
    if (surplus) draft.emit({ type: 'nodeDiscarded', nodeId: node.id });
  }
  for (let count = queued.length; count < wanted; count += 1) createNode(draft);
};

/** What the size of the pool is made from. */
export type Pool = {
  /** By all queued tasks together. */
  readonly wantedSlots: number;
  readonly slotsPerNode: number;
  readonly maxNodes: number;
  /** Nodes being provisioned: their slots are as good as there. */
  readonly incoming: number;
  /** All others that count as nodes, but the queued ones, whose number is what is asked for. */
  readonly existing: number;
};

/** How many nodes shall be there or on their way beside those that exist. Running ones have no part in it: what is queued did not fit them. */
export const nodesNeeded = ({ wantedSlots, slotsPerNode, maxNodes, incoming, existing }: Pool): number => {
  const missing = Math.ceil((wantedSlots - incoming * slotsPerNode) / slotsPerNode);
  return Math.max(0, Math.min(missing, maxNodes - existing - incoming));
};

const poolOf = (state: State): Pool => {
  const { slotsPerNode, maxNodes } = state.config;
  const counted = state.nodes.filter(countsAsNode);
  const incoming = counted.filter(node => node.state === 'provisioning' && isOfToday(state, node)).length;
  return { wantedSlots: state.wantedSlots, slotsPerNode, maxNodes, incoming, existing: counted.length - incoming };
};

/** A node that can't be terminated is the operator's: counted, it would block a pool of one for good. */
const countsAsNode = ({ state }: Node): boolean => state !== 'queued' && state !== 'failedTerminating';

/** Made under other flags, a node takes no task, so it is no capacity. */
const isOfToday = (state: State, node: Node): boolean => node.slots.length === state.config.slotsPerNode;

const createNode = (draft: Draft): void => {
  const { nodeCount, config } = draft.state;
  draft.emit({ type: 'nodeCreated', nodeId: `node-${nodeCount + 1}` as NodeId, slots: config.slotsPerNode });
};
