/** What there is to say of a job as a whole, in words. */
import { formatElapsed, percent } from '../../base/figures.ts';
import type { JobStatus } from '../../domain/status.ts';
import { EXIT, jobExitCode } from '../exit-codes.ts';
import type { Style } from '../pen.ts';
import { hasEnded } from './groups.ts';
import { keptTasks } from './kept.ts';
import { jobMark } from './slow.ts';

/** One word for where a job stands, and its colour. `kept`: it has ended, but for what people may look into. */
export const jobWord = (job: JobStatus): { readonly word: string; readonly style: Style } => {
  if (job.completedAt === null)
    return job.tasks.every(hasEnded) && keptTasks(job).length > 0
      ? { word: 'kept', style: 'red' }
      : { word: 'running', style: 'cyan' };
  switch (jobExitCode(job)) {
    case EXIT.failed:
      return job.tasks.some(({ state }) => state === 'failed' || state === 'timedOut')
        ? { word: 'failed', style: 'red' }
        : { word: 'aborted', style: 'magenta' };
    case EXIT.warning:
      return { word: 'completed with warnings', style: 'yellow' };
    default:
      return { word: 'completed', style: 'green' };
  }
};

/** `📝 12/300 4%, ⏱️ 1m12s`, with the job's mark behind its time. */
export const jobFigures = (job: JobStatus, now: number): string => {
  const total = job.tasks.size;
  const done = job.tasks.count(hasEnded);
  const elapsed = formatElapsed((job.completedAt ?? now) - job.scheduledAt);
  return [`📝 ${done}/${total} ${percent(done, total)}%, ⏱️ ${elapsed}`, jobMark(job, now)].filter(Boolean).join(' ');
};
