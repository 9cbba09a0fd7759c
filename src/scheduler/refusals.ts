/** What the scheduler says no to, each in one line that says what to do. */
import type { TaskSpec } from '../domain/job.ts';
import type { JobId } from '../domain/names.ts';
import type { Refusal } from '../domain/refusal.ts';

export const shuttingDown: Refusal = {
  type: 'shuttingDown',
  message: 'the server is shutting down: submit the job again when it is back',
};

export const noTasks: Refusal = {
  type: 'invalid',
  message: 'the job has no tasks; at least one is needed',
};

export const twoOfOneName = ({ name }: TaskSpec): Refusal => ({
  type: 'invalid',
  message: `two tasks are named "${name}": give each its own name`,
});

export const noNumberOfSlots = ({ name, slots }: TaskSpec): Refusal => ({
  type: 'invalid',
  message: `task "${name}" asks for ${slots} slots: it takes a whole number, at least 1`,
});

export const taskTooWide = ({ name, slots }: TaskSpec, limit: number): Refusal => ({
  type: 'taskTooWide',
  message: `task "${name}" asks for ${slots} slots, but a node has ${limit}: ask for ${limit} at most, or start the server with more --slots-per-node`,
});

/** Not in the state: never was, or has completed. Who keeps the finished jobs knows which. */
export const unknownJob = (jobId: JobId): Refusal => ({
  type: 'unknownJob',
  message: `there is no job "${jobId}": "alfred ps" lists the jobs`,
});

export const unknownTask = (jobId: JobId, index: number): Refusal => ({
  type: 'unknownTask',
  message: `job "${jobId}" has no task number ${index}: "alfred show ${jobId}" lists its tasks`,
});
