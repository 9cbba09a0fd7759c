import type { JobId } from '../domain/names.ts';
import type { Refusal } from '../domain/refusal.ts';

/** Not in the state: never was, or has completed. Who keeps the finished jobs knows which. */
export const unknownJob = (jobId: JobId): Refusal => ({
  type: 'unknownJob',
  message: `there is no job "${jobId}": "alfred ps" lists the jobs`,
});

export const unknownTask = (jobId: JobId, index: number): Refusal => ({
  type: 'unknownTask',
  message: `job "${jobId}" has no task number ${index}: "alfred show ${jobId}" lists its tasks`,
});
