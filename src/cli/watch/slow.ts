/** Marks for what takes suspiciously long. */
import type { JobStatus, TaskStatus } from '../../domain/status.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Longest first. */
const JOB_MARKS = [
  { fromMs: 2 * HOUR_MS, mark: '🧟' },
  { fromMs: HOUR_MS, mark: '🐢' },
] as const;

const RUNNING_MARKS = [
  { fromMs: HOUR_MS, mark: '🧟' },
  { fromMs: 30 * MINUTE_MS, mark: '🐢' },
] as const;

const QUEUED_MARKS = [{ fromMs: 2 * HOUR_MS, mark: '😴' }] as const;

const markFor = (marks: readonly { readonly fromMs: number; readonly mark: string }[], ms: number): string =>
  marks.find(({ fromMs }) => ms >= fromMs)?.mark ?? '';

/** 🏁 once the job is done, else 🐢 from one hour, 🧟 from two; empty before. */
export const jobMark = (job: JobStatus, now: number): string =>
  job.completedAt === null ? markFor(JOB_MARKS, now - job.scheduledAt) : '🏁';

/** Running: 🐢 from half an hour, 🧟 from one. Queued: 😴 from two hours. Empty for all else. */
export const taskMark = (task: TaskStatus, job: JobStatus, now: number): string => {
  if (task.state === 'queued') return markFor(QUEUED_MARKS, now - job.scheduledAt);
  if (task.state === 'running' && task.startedAt !== null) return markFor(RUNNING_MARKS, now - task.startedAt);
  return '';
};
