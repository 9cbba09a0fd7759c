/** How the dashboard tells tasks apart: their states, and warnings beside failures. */
import type { JobStatus, TaskStatus } from '../domain/status.ts';
import { EXIT_WARNING, type TaskState } from '../domain/task.ts';
import { DIM, type Style } from './style.ts';

/** A task's state as a person tells them apart: a warning is no failure. */
export type TaskKind = TaskState | 'warning';

export type KindLook = {
  /** One column in every terminal; tells the kinds apart without colours. */
  readonly symbol: string;
  readonly word: string;
  readonly style: Style;
};

export const KIND_LOOKS: Readonly<Record<TaskKind, KindLook>> = {
  running: { symbol: '●', word: 'running', style: { color: 'cyan' } },
  failed: { symbol: '✗', word: 'failed', style: { color: 'red' } },
  timedOut: { symbol: '◷', word: 'timed out', style: { color: 'red' } },
  warning: { symbol: '!', word: 'warnings', style: { color: 'yellow' } },
  queued: { symbol: '○', word: 'queued', style: DIM },
  aborted: { symbol: '⊘', word: 'aborted', style: { color: 'magenta' } },
  skipped: { symbol: '»', word: 'skipped', style: { color: 'blue' } },
  completed: { symbol: '✓', word: 'completed', style: { color: 'green' } },
};

/** What a person looks for first comes first: what goes on, what went wrong, what is to come, what is well. */
export const KINDS = Object.keys(KIND_LOOKS) as readonly TaskKind[];

export const kindOf = ({ state, exitCode }: TaskStatus): TaskKind =>
  state === 'failed' && exitCode === EXIT_WARNING ? 'warning' : state;

export type KindCounts = Readonly<Record<TaskKind, number>>;

/** Jobs of a thousand tasks are counted once per change, not once per frame: a job's status is the same object until it changes. */
const counted = new WeakMap<JobStatus, KindCounts>();

export const countKinds = (job: JobStatus): KindCounts => {
  const known = counted.get(job);
  if (known !== undefined) return known;
  const counts = { running: 0, failed: 0, timedOut: 0, warning: 0, queued: 0, aborted: 0, skipped: 0, completed: 0 };
  for (const task of job.tasks) counts[kindOf(task)] += 1;
  counted.set(job, counts);
  return counts;
};

/** Tasks that have ended, whatever way. */
export const doneOf = (job: JobStatus): number => {
  const { queued, running } = countKinds(job);
  return job.tasks.size - queued - running;
};
