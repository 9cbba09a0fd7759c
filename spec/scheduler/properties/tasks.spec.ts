import { expect, it } from 'vitest';
import type { PublicEvent } from '../../../src/domain/events.ts';
import { type TaskKey, taskKey } from '../../../src/domain/names.ts';
import type { StopReason } from '../../../src/domain/task.ts';
import type { Fact } from '../../../src/scheduler/fact.ts';
import { eventsOf, inCalmWorlds, inEveryWorld, sorted } from './in-every-world.ts';

type TaskEvent = Extract<PublicEvent, { readonly name: string }>;

const isTaskEvent = (event: PublicEvent): event is TaskEvent => 'name' in event;

const historyOfTasks = (facts: readonly Fact[]): readonly string[] => {
  const events = eventsOf(facts).filter(isTaskEvent);
  const byTask = Map.groupBy(events, ({ jobId, name }) => `${jobId}/${name}`);
  return [...byTask.values()].map(history => history.map(({ type }) => type).join(' '));
};

it('ends every task exactly once, along the drawn states', () => {
  inEveryWorld(({ facts }) => {
    for (const history of historyOfTasks(facts)) {
      expect(history).toMatch(
        /^taskQueued (taskAborted|taskRunning (taskCompleted|(taskFailed|taskTimedOut)( taskKept)?|taskSkipped|taskAborted))$/,
      );
    }
  });
});

it('completes every job exactly once, with the end of its last task', () => {
  inEveryWorld(({ facts }) => {
    const open = new Map<string, number>();
    const completed: string[] = [];
    for (const event of eventsOf(facts)) {
      if (event.type === 'jobScheduled') open.set(event.jobId, 0);
      if (event.type === 'taskQueued') open.set(event.jobId, (open.get(event.jobId) ?? 0) + 1);
      else if (isTaskEvent(event) && event.type !== 'taskRunning' && event.type !== 'taskKept')
        open.set(event.jobId, (open.get(event.jobId) ?? 0) - 1);
      if (event.type !== 'jobCompleted') continue;
      expect(open.get(event.jobId)).toBe(0);
      completed.push(event.jobId);
    }
    expect(sorted(completed)).toEqual(sorted(open.keys()));
  });
});

it('never runs a task again once its containers are gone, whenever the server dies', () => {
  inEveryWorld(({ remains }) => expect(remains.ranTwice).toEqual([]));
});

it('cleans up after every task', () => {
  inCalmWorlds(({ remains }) => expect(remains.containers).toEqual([]));
});

it('answers every request once', () => {
  inEveryWorld(({ answers }) => {
    for (const count of answers.values()) expect(count).toBe(1);
  });
});

it('aborts a running task only when it was cancelled, and times it out only when nobody cancelled it meanwhile', () => {
  inEveryWorld(({ facts }) => {
    const told = new Map<TaskKey, StopReason>();
    const started = new Set<TaskKey>();
    for (const fact of facts) {
      if (!('index' in fact)) continue;
      const key = taskKey(fact.jobId, fact.index);
      if (fact.type === 'taskStarted') started.add(key);
      if (fact.type === 'taskStopRequested') {
        expect(told.get(key)).not.toBe('cancel');
        told.set(key, fact.reason);
      }
      if (fact.type !== 'taskEnded' || !started.has(key)) continue;
      if (fact.outcome.type === 'aborted') expect(told.get(key)).toBe('cancel');
      if (fact.outcome.type === 'timedOut') expect(told.get(key)).toBe('timeout');
    }
  });
});

it('keeps a task that failed in its slots, and its job open, for as long as it was asked to, unless somebody ends that', () => {
  inEveryWorld(({ turns, facts }) => {
    const kept = new Map(facts.flatMap(fact => (fact.type === 'taskKept' ? [[taskKey(fact.jobId, fact.index), fact]] : [])));
    for (const { before, inputs, facts: inTurn } of turns) {
      const isCut = inputs.some(({ type }) => ['jobCancelled', 'taskCancelled', 'nodeLost', 'shutdownRequested'].includes(type));
      for (const task of before.tasks.values()) {
        if (task.kept === null) continue;
        expect(before.jobs.has(task.jobId)).toBe(true);
        const node = before.nodes.find(({ id }) => id === task.nodeId);
        expect(task.slots.map(slot => node?.slots[slot])).toEqual(task.slots.map(() => task.key));
        const end = inTurn.find(fact => fact.type === 'taskEnded' && taskKey(fact.jobId, fact.index) === task.key);
        if (end === undefined) continue;
        expect(end).toMatchObject({ outcome: kept.get(task.key)?.outcome });
        expect(isCut || end.at >= task.kept.until).toBe(true);
      }
    }
  });
});

it('keeps nothing but failures of jobs that asked for it, and nothing that was cancelled', () => {
  inEveryWorld(({ facts }) => {
    const cancelled = new Set<TaskKey>();
    const asked = new Map<string, number>();
    for (const fact of facts) {
      if (fact.type === 'jobScheduled') asked.set(fact.jobId, fact.submission.spec.keepFailedMs);
      if (fact.type === 'taskStopRequested' && fact.reason === 'cancel') cancelled.add(taskKey(fact.jobId, fact.index));
      if (fact.type !== 'taskKept') continue;
      expect(fact.until - fact.at).toBe(asked.get(fact.jobId));
      expect(fact.until).toBeGreaterThan(fact.at);
      expect(cancelled).not.toContain(taskKey(fact.jobId, fact.index));
      expect(['failed', 'timedOut']).toContain(fact.outcome.type);
      expect(fact.outcome).not.toMatchObject({ exitCode: 42 });
    }
  });
});

it('leaves nothing in the state when all is over', () => {
  inEveryWorld(({ state }) => {
    expect(state.jobs.size).toBe(0);
    expect(state.tasks.size).toBe(0);
    expect(state.queue).toEqual([]);
    expect(state.wantedSlots).toBe(0);
    expect(state.finishing.size).toBe(0);
    expect(state.nodes.filter(node => node.state !== 'failedTerminating')).toEqual([]);
    expect(state.phase).not.toBe('draining');
  });
});
