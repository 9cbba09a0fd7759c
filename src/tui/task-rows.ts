/** The tasks of a job as rows. */
import type { List } from 'immutable';
import { formatElapsed, formatTime } from '../base/figures.ts';
import type { NodeId } from '../domain/names.ts';
import type { TaskStatus } from '../domain/status.ts';
import { EXIT_NONE } from '../domain/task.ts';
import { KIND_LOOKS, KINDS, kindOf, type TaskKind } from './task-kind.ts';

export type TaskRow = {
  readonly key: string;
  readonly name: string;
  readonly kind: TaskKind;
  /** Empty while there is none. */
  readonly started: string;
  readonly took: string;
  /** Where it runs, or why it ended as it did and for how long it is kept. */
  readonly detail: string;
  /** It has not ended, or is kept: something is there to cancel. */
  readonly isOpen: boolean;
};

export const tasksInOrder = (tasks: List<TaskStatus>): readonly TaskStatus[] => {
  const byKind = Map.groupBy(tasks, kindOf);
  return KINDS.flatMap(kind => byKind.get(kind) ?? []);
};

export const taskHaystack = (task: TaskStatus): string => `${task.name} ${KIND_LOOKS[kindOf(task)].word}`;

/** `node`: where the task runs now, `null` if it does not. */
export const toTaskRow = (task: TaskStatus, node: NodeId | null, now: number): TaskRow => ({
  key: task.name,
  name: task.name,
  kind: kindOf(task),
  started: task.startedAt === null ? '' : formatTime(task.startedAt),
  took: task.startedAt === null ? '' : formatElapsed((task.endedAt ?? now) - task.startedAt),
  detail: detailOf(task, node, now),
  isOpen: task.endedAt === null || task.keptUntil !== null,
});

const detailOf = (task: TaskStatus, node: NodeId | null, now: number): string => {
  if (task.keptUntil !== null)
    return [whyEnded(task), `kept ${formatElapsed(Math.max(0, task.keptUntil - now))}`].filter(Boolean).join(', ');
  return node === null ? whyEnded(task) : `on ${node}`;
};

/** `exit code 137, out of memory`. */
const whyEnded = ({ state, exitCode, reason }: TaskStatus): string => {
  const code = state === 'failed' && exitCode !== null && exitCode !== EXIT_NONE ? `exit code ${exitCode}` : '';
  return [code, reason ?? ''].filter(Boolean).join(', ');
};
