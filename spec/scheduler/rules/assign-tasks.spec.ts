import { expect, it } from 'vitest';
import { assignTasks } from '../../../src/scheduler/rules/assign-tasks.ts';
import type { Node, State } from '../../../src/scheduler/state.ts';
import { narrow, starts, submits, type TaskLike } from '../../support/builders.ts';
import { play } from '../../support/play.ts';
import { decide } from './decide.ts';

/** Online nodes drawn as text, a slot a letter: `-` is free. */
const nodesOf = (drawn: readonly string[]): readonly Node[] => {
  const [template] = play(starts(), submits('x', narrow(1))).state.nodes;
  if (template === undefined) throw new Error('no node was made');
  return drawn.map((slots, at) => ({
    ...template,
    id: `node-${at + 1}` as Node['id'],
    state: 'online',
    slots: [...slots].map(slot => (slot === '-' ? null : (slot as never))),
    freeSlots: [...slots].filter(slot => slot === '-').length,
  }));
};

const queueOf = (slotsPerNode: number, drawn: readonly string[], ...jobs: readonly (readonly TaskLike[])[]): State => {
  const names = ['a', 'b', 'c'];
  const submitted = jobs.map((tasks, at) => submits(names[at] ?? 'z', tasks));
  return { ...play(starts({ maxNodes: 0, slotsPerNode }), ...submitted).state, nodes: nodesOf(drawn) };
};

/** Who got which slots, `a0 → node-1 [0,1]`. */
const assigned = (state: State): readonly string[] =>
  decide(assignTasks, state).facts.map(fact =>
    fact.type === 'taskAssigned' ? `${fact.jobId}${fact.index} → ${fact.nodeId} [${fact.slots}]` : fact.type,
  );

it('fills the first node before the next, the first free slots first', () => {
  expect(assigned(queueOf(3, ['x-x', '---'], narrow(3)))).toEqual(['a0 → node-1 [1]', 'a1 → node-2 [0]', 'a2 → node-2 [1]']);
});

it('goes by the order of the jobs, then of their tasks, whatever their widths', () => {
  expect(assigned(queueOf(2, ['--', '--', '-x'], [2, 1], [1, 2]))).toEqual([
    'a0 → node-1 [0,1]',
    'a1 → node-2 [0]',
    'b0 → node-2 [1]',
  ]);
});

it('keeps the roomiest node free for the first task that fits nowhere', () => {
  expect(assigned(queueOf(4, ['xxx-', 'x---', 'xx--'], [4], narrow(9)))).toEqual([
    'b0 → node-1 [3]',
    'b1 → node-3 [2]',
    'b2 → node-3 [3]',
  ]);
});

it('keeps the first of equally roomy nodes', () => {
  expect(assigned(queueOf(2, ['-x', '-x'], [2], narrow(2)))).toEqual(['b0 → node-2 [0]']);
});

it('keeps one node free, not one for each task that fits nowhere', () => {
  expect(assigned(queueOf(2, ['-x', '-x', '-x'], [2, 2, 2], narrow(3)))).toEqual(['b0 → node-2 [0]', 'b1 → node-3 [0]']);
});

it('lets a less wide task behind it go on, where it fits', () => {
  expect(assigned(queueOf(3, ['x--', 'x--'], [3, 2, 1]))).toEqual(['a1 → node-2 [1,2]']);
});

it('uses no node that was made for other flags, is not online, or is full', () => {
  const state = queueOf(2, ['----', '--', 'xx'], narrow(2));
  const nodes = state.nodes.map(node => (node.id === 'node-2' ? { ...node, state: 'terminating' as const } : node));
  expect(assigned({ ...state, nodes })).toEqual([]);
});

it('assigns nothing while draining', () => {
  expect(assigned({ ...queueOf(2, ['--'], narrow(1)), phase: 'draining' })).toEqual([]);
});
