import { describe, expect, it } from 'vitest';
import type { NodeState } from '../../../src/domain/node.ts';
import { nodesNeeded, resizePool } from '../../../src/scheduler/rules/resize-pool.ts';
import type { Node, State } from '../../../src/scheduler/state.ts';
import { narrow, starts, submits } from '../../support/builders.ts';
import { play } from '../../support/play.ts';
import { decide } from './decide.ts';

describe('the nodes that the queue asks for, beside those that are there or come', () => {
  it.each([
    // wanted slots, slots per node, max nodes, incoming, existing → needed
    [0, 2, 4, 0, 0, 0, 'nothing queued, nothing made'],
    [1, 2, 4, 0, 0, 1, 'a single slot takes a whole node'],
    [2, 2, 4, 0, 0, 1, 'a full node'],
    [3, 2, 4, 0, 0, 2, 'a started node is rounded up'],
    [8, 2, 4, 0, 0, 4, 'exactly as many as allowed'],
    [9, 2, 4, 0, 0, 4, 'never more than allowed'],
    [100_000, 8, 64, 0, 0, 64, 'however long the queue'],
    [8, 2, 4, 1, 0, 3, 'one on its way counts as capacity, and in the limit'],
    [2, 2, 4, 1, 0, 0, 'the one on its way is enough'],
    [1, 2, 4, 3, 0, 0, 'more on their way than needed: none, not less than none'],
    [4, 2, 4, 0, 2, 2, 'running nodes are no capacity for what is queued'],
    [4, 2, 4, 0, 3, 1, 'but they count in the limit'],
    [4, 2, 4, 0, 4, 0, 'a full pool'],
    [4, 2, 4, 2, 2, 0, 'a pool that will be full'],
    [4, 2, 2, 0, 5, 0, 'a pool above a lowered limit'],
    [7, 3, 10, 1, 2, 2, 'what one on its way leaves over, rounded up'],
    [5, 1, 3, 1, 1, 1, 'what the limit leaves'],
    [1, 16, 1, 0, 0, 1, 'a pool of one'],
  ])(
    '%i slots wanted, %i per node, at most %i nodes, %i on their way, %i there: %i (%s)',
    (wantedSlots, slotsPerNode, maxNodes, incoming, existing, needed) => {
      expect(nodesNeeded({ wantedSlots, slotsPerNode, maxNodes, incoming, existing })).toBe(needed);
    },
  );
});

/** A queue of `wanted` narrow tasks, and nodes of two slots in these states. */
const pool = (wanted: number, states: readonly Node['state'][], slots = 2): State => {
  const [template] = play(starts(), submits('ci', narrow(1))).state.nodes;
  if (template === undefined) throw new Error('no node was made');
  const { state } = play(starts({ maxNodes: 0 }), submits('ci', narrow(wanted)));
  return {
    ...state,
    config: { ...state.config, maxNodes: 4 },
    nodeCount: states.length,
    nodes: states.map((nodeState, at) => ({
      ...template,
      id: `node-${at + 1}` as Node['id'],
      state: nodeState,
      slots: Array.from({ length: slots }, () => null),
      freeSlots: 0,
    })),
  };
};

const changes = (state: State): readonly string[] =>
  decide(resizePool, state).facts.map(fact => ('nodeId' in fact ? `${fact.type} ${fact.nodeId}` : fact.type));

describe('what the pool does about it', () => {
  it('makes queued nodes, numbered on', () => {
    expect(changes(pool(5, ['online']))).toEqual(['nodeCreated node-2', 'nodeCreated node-3', 'nodeCreated node-4']);
  });

  it('drops queued nodes that are too many, the newest first', () => {
    expect(changes(pool(1, ['queued', 'queued', 'queued']))).toEqual(['nodeDiscarded node-3', 'nodeDiscarded node-2']);
  });

  it('leaves alone what fits', () => {
    expect(changes(pool(4, ['provisioning', 'queued']))).toEqual([]);
  });

  it.each<[NodeState & Node['state'], number]>([
    ['online', 3],
    ['terminating', 3],
    ['failedProvisioning', 3],
    ['failedTerminating', 4],
    ['provisioning', 3],
  ])('leaves room for %s nodes: %i more at most', (state, more) => {
    expect(changes(pool(100, [state]))).toHaveLength(more);
  });

  it('sees no capacity in nodes made for other flags: those that come are only counted, queued ones are replaced', () => {
    expect(changes(pool(8, ['provisioning', 'queued'], 8))).toEqual([
      'nodeDiscarded node-2',
      'nodeCreated node-3',
      'nodeCreated node-4',
      'nodeCreated node-5',
    ]);
  });

  it('makes none while draining', () => {
    expect(changes({ ...pool(8, []), phase: 'draining' })).toEqual([]);
  });
});
