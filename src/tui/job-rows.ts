/** Jobs as rows. */
import { formatElapsed, percent } from '../base/figures.ts';
import type { JobId } from '../domain/names.ts';
import type { JobStatus } from '../domain/status.ts';
import { shortTime } from './figures.ts';
import type { Color } from './style.ts';
import { countKinds, doneOf, KIND_LOOKS, KINDS, type KindCounts } from './task-kind.ts';

export type JobRow = {
  readonly key: string;
  readonly name: string;
  readonly who: string;
  /** `14:02`, or the day. */
  readonly scheduled: string;
  /** Since it was scheduled, until it was complete. */
  readonly elapsed: string;
  readonly done: number;
  readonly total: number;
  /** Whole percent. */
  readonly percent: number;
  readonly counts: KindCounts;
  readonly hasEnded: boolean;
  /** The colour of its tasks on the nodes; `null` once it has ended. */
  readonly hue: Color | null;
};

export const toJobRow = (job: JobStatus, hues: ReadonlyMap<JobId, Color>, now: number): JobRow => {
  const done = doneOf(job);
  return {
    key: job.name,
    name: job.name,
    who: job.startedBy,
    scheduled: shortTime(job.scheduledAt, now),
    elapsed: formatElapsed((job.completedAt ?? now) - job.scheduledAt),
    done,
    total: job.tasks.size,
    percent: percent(done, job.tasks.size),
    counts: countKinds(job),
    hasEnded: job.completedAt !== null,
    hue: hues.get(job.name) ?? null,
  };
};

/** `/failed` finds the jobs in which something failed. */
export const jobHaystack = (job: JobStatus): string => {
  const counts = countKinds(job);
  const words = KINDS.filter(kind => counts[kind] > 0).map(kind => KIND_LOOKS[kind].word);
  return [job.name, job.about, job.startedBy, ...words].join(' ');
};
