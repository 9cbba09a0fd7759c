/**
 * Jobs and tasks as programs read them with `--json`: a shape that only ever grows. Times are ISO 8601 in UTC, what is not
 * known yet is `null`.
 */
import type { JobStatus, TaskStatus } from '../../domain/status.ts';
import { type ExitCode, jobExitCode } from '../exit-codes.ts';
import type { Change } from './changes.ts';
import { hasEnded } from './groups.ts';

export type TaskDocument = {
  readonly name: string;
  readonly state: TaskStatus['state'];
  readonly exitCode: number | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly reason: string | null;
};

export type JobDocument = {
  readonly name: string;
  readonly about: string;
  readonly startedBy: string;
  readonly commandLine: string;
  readonly scheduledAt: string;
  readonly completedAt: string | null;
  /** What `alfred watch` exits with, as things stand. */
  readonly exitCode: ExitCode;
  readonly tasksEnded: number;
  readonly tasksTotal: number;
};

/** What a watch says: a job as it is met and when it is done, a task whenever it changed. */
export type ChangeDocument =
  | ({ readonly type: 'jobSeen' | 'jobCompleted' } & JobDocument)
  | ({ readonly type: 'taskChanged'; readonly job: string } & TaskDocument);

export const taskDocument = ({ name, state, exitCode, startedAt, endedAt, reason }: TaskStatus): TaskDocument => ({
  name,
  state,
  exitCode,
  startedAt: isoTime(startedAt),
  endedAt: isoTime(endedAt),
  reason,
});

export const jobDocument = (job: JobStatus): JobDocument => ({
  name: job.name,
  about: job.about,
  startedBy: job.startedBy,
  commandLine: job.commandLine,
  scheduledAt: new Date(job.scheduledAt).toISOString(),
  completedAt: isoTime(job.completedAt),
  exitCode: jobExitCode(job),
  tasksEnded: job.tasks.count(hasEnded),
  tasksTotal: job.tasks.size,
});

export const changeDocument = (change: Change): ChangeDocument =>
  change.type === 'taskChanged'
    ? { type: change.type, job: change.job.name, ...taskDocument(change.task) }
    : { type: change.type, ...jobDocument(change.job) };

const isoTime = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
