import { expect, it } from 'vitest';
import { type TaskKey, taskKey } from '../../../src/domain/names.ts';
import type { LiveTask } from '../../../src/scheduler/state.ts';
import { eventsOf, inEveryWorld, sorted, steps } from './in-every-world.ts';

it('gives a slot to one task at a time, and every task as many as it asked for, on one node', () => {
  inEveryWorld(({ facts }) => {
    const tenants = new Map<string, TaskKey>();
    for (const { before, fact } of steps(facts)) {
      if (fact.type !== 'taskAssigned' && fact.type !== 'taskEnded' && fact.type !== 'taskReturned') continue;
      const key = taskKey(fact.jobId, fact.index);
      expect(fact.slots).toHaveLength(before.jobs.get(fact.jobId)?.submission.spec.tasks[fact.index]?.slots ?? 0);
      for (const slot of fact.slots) {
        const place = `${fact.nodeId}/${slot}`;
        expect(before.nodes.find(node => node.id === fact.nodeId)?.slots.length).toBeGreaterThan(slot);
        expect(tenants.get(place)).toBe(fact.type === 'taskAssigned' ? undefined : key);
        if (fact.type === 'taskAssigned') tenants.set(place, key);
        else tenants.delete(place);
      }
    }
    expect(tenants.size).toBe(0);
  });
});

it('knows of each node what is free, what waits and what runs there', () => {
  inEveryWorld(({ turns }) => {
    for (const { after } of turns) {
      for (const node of after.nodes) {
        const tasks = [...after.tasks.values()].filter(({ nodeId }) => nodeId === node.id);
        const keys = (select: (task: LiveTask) => boolean): readonly TaskKey[] =>
          sorted(tasks.filter(select).map(({ key }) => key));
        const taken = node.slots.filter(key => key !== null);
        expect(sorted(new Set(taken))).toEqual(keys(() => true));
        expect(node.freeSlots).toBe(node.slots.length - taken.length);
        expect(sorted(node.waiting)).toEqual(keys(({ startedAt }) => startedAt === null));
        expect(sorted(node.clocks)).toEqual(
          keys(({ startedAt, stop, kept }) => startedAt !== null && stop === null && kept === null),
        );
        expect(sorted(node.kept)).toEqual(keys(({ kept }) => kept !== null));
        expect(node.idleSince !== null).toBe(node.state === 'online' && taken.length === 0);
      }
      const online = new Set(after.nodes.filter(({ state }) => state === 'online').map(({ id }) => id));
      for (const { nodeId } of after.tasks.values()) expect(online).toContain(nodeId);
    }
  });
});

it('gives nothing to a node that does not answer, and lets nothing wait for it', () => {
  inEveryWorld(({ facts }) => {
    for (const { before, fact } of steps(facts)) {
      if (fact.type !== 'taskAssigned' && fact.type !== 'taskStarted') continue;
      expect(before.nodes.find(({ id }) => id === fact.nodeId)?.unreachable).toBeNull();
    }
  });
  inEveryWorld(({ turns }) => {
    for (const { nodes } of turns.map(({ after }) => after)) {
      for (const node of nodes.filter(({ unreachable }) => unreachable !== null)) {
        expect(node).toMatchObject({ state: 'online', waiting: [] });
      }
    }
  });
});

it('never makes a node above the limit', () => {
  inEveryWorld(({ facts }) => {
    for (const { fact, after } of steps(facts)) {
      if (fact.type !== 'nodeCreated') continue;
      const counted = after.nodes.filter(node => node.state !== 'failedTerminating');
      expect(counted.length).toBeLessThanOrEqual(after.config.maxNodes);
    }
  });
});

it('takes every node along the drawn states', () => {
  inEveryWorld(({ facts }) => {
    const byNode = new Map<string, string>();
    for (const event of eventsOf(facts)) {
      if (event.type === 'nodeCreated') {
        expect(byNode.has(event.nodeId)).toBe(false);
        byNode.set(event.nodeId, 'queued');
      }
      if (event.type === 'nodeStatusUpdated') byNode.set(event.nodeId, `${byNode.get(event.nodeId)} ${event.state}`);
    }
    for (const history of byNode.values()) {
      expect(history).toMatch(
        /^queued (discarded|provisioning (failedProvisioning discarded|online( online)* terminating( failedTerminating terminating)*( failedTerminating| terminated)))$/,
      );
    }
  });
});

it('leaves no node behind that it does not know of', () => {
  inEveryWorld(({ state, remains }) => {
    expect(state.nodes.map(({ id }) => id)).toEqual(expect.arrayContaining([...remains.nodes]));
  });
});
