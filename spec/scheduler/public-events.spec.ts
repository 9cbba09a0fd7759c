import { expect, it } from 'vitest';
import type { PublicEvent } from '../../src/domain/events.ts';
import type { JobId } from '../../src/domain/names.ts';
import { publicEvents } from '../../src/scheduler/public-events.ts';
import { initialState } from '../../src/scheduler/state.ts';
import {
  cancels,
  ends,
  exits,
  narrow,
  provisioned,
  starts,
  submission,
  submits,
  submitsKeeping,
  terminated,
} from '../support/builders.ts';
import { after, play } from '../support/play.ts';

/** One of each, so that tsc names the one that is missing. */
const TYPES: Record<PublicEvent['type'], true> = {
  nodeCreated: true,
  nodeStatusUpdated: true,
  nodeSlotUpdated: true,
  nodeTerminated: true,
  jobScheduled: true,
  jobCompleted: true,
  taskQueued: true,
  taskRunning: true,
  taskAborted: true,
  taskFailed: true,
  taskSkipped: true,
  taskTimedOut: true,
  taskKept: true,
  taskCompleted: true,
};

it('tells all that there is to tell in the life of a job', () => {
  const { events } = play(
    starts({ slotsPerNode: 5, taskTimeoutMs: 60_000 }),
    submits('ci', narrow(5)),
    provisioned('node-1'),
    exits('ci', 0, 0),
    exits('ci', 1, 1),
    exits('ci', 2, 43),
    cancels('ci', 3),
    ends('ci', 3, { type: 'stopped' }),
    after(60),
    ends('ci', 4, { type: 'stopped' }),
    terminated('node-1'),
    submitsKeeping('kept', 1, narrow(1)),
    provisioned('node-2'),
    exits('kept', 0, 1),
  );
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(Object.keys(TYPES)));
});

it('schedules the job before it queues its tasks, in their order', () => {
  const { events } = play(starts(), submits('ci', [{ name: 'lint' }, { name: 'test' }]));
  expect(events.slice(0, 3)).toEqual([
    { type: 'jobScheduled', jobId: 'ci' },
    { type: 'taskQueued', jobId: 'ci', name: 'lint' },
    { type: 'taskQueued', jobId: 'ci', name: 'test' },
  ]);
});

it('makes no event before somebody asks for it', () => {
  let asked = 0;
  const tasks = Array.from({ length: 1_000 }, (_, index) => ({
    slots: 1,
    get name() {
      asked += 1;
      return `t${index}`;
    },
  }));
  const job = submission('ci', []);
  const fact = {
    type: 'jobScheduled',
    at: 0,
    jobId: 'ci' as JobId,
    submission: { ...job, spec: { ...job.spec, tasks } },
  } as const;
  const events = publicEvents(initialState, fact)[Symbol.iterator]();
  events.next();
  events.next();
  expect(asked).toBe(1);
});
