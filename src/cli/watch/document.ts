/** Jobs and tasks as programs read them with `--json`. */
import type { JobStatus, TaskStatus } from '../../domain/status.ts';
import type { ChangeDocument, JobDocument, TaskDocument } from '../documents.ts';
import { jobExitCode } from '../exit-codes.ts';
import type { Change } from './changes.ts';
import { hasEnded } from './groups.ts';

export const taskDocument = ({ name, state, exitCode, startedAt, endedAt, reason, keptUntil }: TaskStatus): TaskDocument => ({
  name,
  state,
  exitCode,
  startedAt: isoTime(startedAt),
  endedAt: isoTime(endedAt),
  reason,
  keptUntil: isoTime(keptUntil),
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
