/** Tasks that failed and are kept for people to look into. */
import { formatElapsed } from '../../base/figures.ts';
import type { JobStatus, TaskStatus } from '../../domain/status.ts';

/** The command that leads into a task, for the user to type. */
export type HowToEnter = (taskName: string) => string;

export const keptTasks = (job: JobStatus): readonly TaskStatus[] => [...job.tasks.filter(({ keptUntil }) => keptUntil !== null)];

/** `kept 14m32s`: for so long from now on; empty for all others. */
export const keptFor = ({ keptUntil }: TaskStatus, now: number): string =>
  keptUntil === null ? '' : `kept ${formatElapsed(Math.max(0, keptUntil - now))}`;
