import { expect, it } from 'vitest';
import { taskKey } from '../../../src/domain/names.ts';
import type { Node, State } from '../../../src/scheduler/state.ts';
import { inEveryWorld } from './in-every-world.ts';
import { plainQueue } from './plain-queue.ts';

/** Nodes that have room for so many slots more. */
const roomFor = ({ nodes, config: { slotsPerNode } }: State, width: number): readonly Node[] =>
  nodes
    .filter(node => node.state === 'online' && node.unreachable === null)
    .filter(node => node.slots.length === slotsPerNode && node.freeSlots >= width);

it('gives slots to tasks of one width in the order in which they were queued', () => {
  inEveryWorld(({ facts }) => {
    const queue = plainQueue();
    for (const fact of facts) {
      if (fact.type === 'taskAssigned') {
        const first = queue.queued().find(({ width }) => width === fact.slots.length);
        expect(taskKey(fact.jobId, fact.index)).toBe(`${first?.jobId}/${first?.index}`);
      }
      queue.take(fact);
    }
    expect(queue.queued()).toEqual([]);
  });
});

it('wants as many slots as the queued tasks do', () => {
  inEveryWorld(({ turns }) => {
    const queue = plainQueue();
    for (const { facts, after } of turns) {
      facts.forEach(queue.take);
      expect(after.wantedSlots).toBe(queue.queued().reduce((sum, { width }) => sum + width, 0));
    }
  });
});

it('leaves no slot empty that a queued task fits, but on the one node that drains for the oldest', () => {
  inEveryWorld(({ turns }) => {
    const queue = plainQueue();
    for (const { facts, after } of turns) {
      facts.forEach(queue.take);
      const widths = queue.queued().map(({ width }) => width);
      const [oldest] = widths;
      if (oldest === undefined || after.phase !== 'open') continue;
      expect(roomFor(after, oldest)).toEqual([]);
      expect(roomFor(after, Math.min(...widths)).length).toBeLessThanOrEqual(1);
    }
  });
});

it('aborts what no node is wide enough for, rather than let it wait for ever', () => {
  inEveryWorld(({ turns }) => {
    const queue = plainQueue();
    for (const { facts, after } of turns) {
      facts.forEach(queue.take);
      for (const { width } of queue.queued()) expect(width).toBeLessThanOrEqual(after.config.slotsPerNode);
    }
  });
});
