/** What happened between two states of a job, for output that can't be redrawn: a line, or a document, for each. */
import { formatElapsed } from '../../base/figures.ts';
import type { JobStatus, TaskStatus } from '../../domain/status.ts';
import { EXIT_NONE } from '../../domain/task.ts';
import { oneLine } from '../one-line.ts';
import type { Pen } from '../pen.ts';
import { groupOf, hasEnded } from './groups.ts';
import { jobFigures, jobWord } from './summary.ts';

export type Change =
  | { readonly type: 'jobSeen'; readonly job: JobStatus }
  | { readonly type: 'taskChanged'; readonly task: TaskStatus; readonly job: JobStatus }
  | { readonly type: 'jobCompleted'; readonly job: JobStatus };

/**
 * In the order of the tasks. `before` is `null` for the first state that is seen: tasks that are queued then are no news, all
 * others are.
 */
export const changesBetween = (before: JobStatus | null, job: JobStatus): readonly Change[] => {
  if (before === job) return [];
  const changes: Change[] = before === null ? [{ type: 'jobSeen', job }] : [];
  job.tasks.forEach((task, index) => {
    const known = before?.tasks.get(index)?.state ?? 'queued';
    if (task.state !== known) changes.push({ type: 'taskChanged', task, job });
  });
  if (job.completedAt !== null && (before?.completedAt ?? null) === null) changes.push({ type: 'jobCompleted', job });
  return changes;
};

/** One line, as a log shows it. */
export const describeChange = (change: Change, now: number, pen: Pen): string => {
  switch (change.type) {
    case 'jobSeen':
    case 'jobCompleted': {
      const { word, style } = jobWord(change.job);
      return `Job '${oneLine(change.job.name)}' ${pen.paint(style, word)} (${jobFigures(change.job, now)})`;
    }
    case 'taskChanged':
      return describeTask(change.task, pen);
  }
};

/** `💥 build failed: exit code 137, out of memory (after 1m12s)`. */
export const describeTask = (task: TaskStatus, pen: Pen): string => {
  const { emoji, style } = groupOf(task);
  const parts = [`${emoji} ${oneLine(task.name)} ${pen.paint(style, taskWord(task))}`, describeTime(task)];
  return parts.filter(Boolean).join(' ');
};

/** What happened to the task, with the reason where there is one to give. */
const taskWord = (task: TaskStatus): string => {
  const why = whyEnded(task);
  switch (task.state) {
    case 'timedOut':
      return why === '' ? 'timed out' : `timed out: ${why}`;
    case 'failed':
      return groupOf(task).name === 'warning' ? `completed with warnings: ${why}` : `failed: ${why}`;
    default:
      return why === '' ? task.state : `${task.state}: ${why}`;
  }
};

/** The exit code, where it is a step's own, and the server's reason; empty for a task that ended well. */
export const whyEnded = ({ state, exitCode, reason }: TaskStatus): string => {
  const code = state === 'failed' && exitCode !== null && exitCode !== EXIT_NONE ? `exit code ${exitCode}` : '';
  const parts = [code, reason === null ? '' : oneLine(reason)].filter(Boolean);
  return parts.length === 0 && state === 'failed' ? 'Alfred could not run it' : parts.join(', ');
};

const describeTime = (task: TaskStatus): string =>
  hasEnded(task) && task.startedAt !== null && task.endedAt !== null
    ? `(after ${formatElapsed(task.endedAt - task.startedAt)})`
    : '';
