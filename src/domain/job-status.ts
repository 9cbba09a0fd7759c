/** What clients see of a job, made from what the scheduler says of it: for the live view and for the history alike. */
import { List } from 'immutable';
import type { Submission } from './job.ts';
import type { JobId } from './names.ts';
import type { JobStatus, TaskStatus } from './status.ts';
import { EXIT_SKIPPED, type TaskOutcome } from './task.ts';

/** A job as it is when it was accepted. */
export const scheduledJob = (jobId: JobId, { spec, jobfile, commandLine, startedBy }: Submission, at: number): JobStatus => ({
  name: jobId,
  about: spec.about,
  tasks: List(spec.tasks.map(({ name }) => queuedTask(name))),
  scheduledAt: at,
  completedAt: null,
  jobfile,
  commandLine,
  startedBy,
});

/** A task that waits for its slots. */
const queuedTask = (name: string): TaskStatus => ({
  name,
  state: 'queued',
  exitCode: null,
  startedAt: null,
  endedAt: null,
  reason: null,
  keptUntil: null,
});

/** What an end changes of a task. */
export type TaskEnd = Pick<TaskStatus, 'state' | 'exitCode' | 'endedAt' | 'reason'>;

/** `reason`: why it ended so, where its outcome does not know. */
export const taskEnd = (outcome: TaskOutcome, at: number, reason: string | null = null): TaskEnd => ({
  state: outcome.type,
  exitCode: exitCodeOf(outcome),
  endedAt: at,
  reason: outcome.type === 'failed' ? (outcome.reason ?? reason) : reason,
});

const exitCodeOf = (outcome: TaskOutcome): number | null => {
  switch (outcome.type) {
    case 'completed':
      return 0;
    case 'failed':
      return outcome.exitCode;
    case 'skipped':
      return EXIT_SKIPPED;
    case 'timedOut':
    case 'aborted':
      return null;
  }
};
