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
        /^taskQueued (taskAborted|taskRunning (taskCompleted|taskFailed|taskSkipped|taskTimedOut|taskAborted))$/,
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
      else if (isTaskEvent(event) && event.type !== 'taskRunning') open.set(event.jobId, (open.get(event.jobId) ?? 0) - 1);
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
