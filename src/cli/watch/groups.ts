/** The groups that a watch sorts tasks into: what each looks like, and which of its names matter most. */
import type { List } from 'immutable';
import type { TaskStatus } from '../../domain/status.ts';
import { EXIT_WARNING, type TaskState } from '../../domain/task.ts';
import type { Style } from '../pen.ts';

/** A task's state as a person tells them apart: a warning is no failure. */
export type GroupName = TaskState | 'warning';

export type Group = {
  readonly name: GroupName;
  readonly emoji: string;
  readonly label: string;
  readonly style: Style;
  /** Where names must be left out: the first are next in line, the last are the news. */
  readonly keep: 'first' | 'last';
};

/** In the order in which they are shown: what is to come, what is under way, what went wrong, what is well. */
const GROUPS: readonly Group[] = [
  { name: 'queued', emoji: '⏳', label: 'queued', style: 'dim', keep: 'first' },
  { name: 'running', emoji: '⚙️', label: 'running', style: 'cyan', keep: 'first' },
  { name: 'aborted', emoji: '⛔', label: 'aborted', style: 'magenta', keep: 'last' },
  { name: 'skipped', emoji: '⏭️', label: 'skipped', style: 'blue', keep: 'last' },
  { name: 'timedOut', emoji: '⏰', label: 'timed out', style: 'red', keep: 'last' },
  { name: 'failed', emoji: '💥', label: 'failed', style: 'red', keep: 'last' },
  { name: 'warning', emoji: '⚠️', label: 'warnings', style: 'yellow', keep: 'last' },
  { name: 'completed', emoji: '✅', label: 'completed', style: 'green', keep: 'last' },
];

export const groupNameOf = ({ state, exitCode }: TaskStatus): GroupName =>
  state === 'failed' && exitCode === EXIT_WARNING ? 'warning' : state;

export const groupOf = (task: TaskStatus): Group => {
  const name = groupNameOf(task);
  const group = GROUPS.find(candidate => candidate.name === name);
  if (group === undefined) throw new RangeError(`no group for ${name}`);
  return group;
};

/** Whether nothing more will happen to a task. */
export const hasEnded = ({ state }: TaskStatus): boolean => state !== 'queued' && state !== 'running';

/** The tasks of each group that has any, in the order of {@link GROUPS}; ended ones in the order of their end. */
export const groupTasks = (tasks: List<TaskStatus>): readonly (readonly [Group, readonly TaskStatus[]])[] => {
  const byName = Map.groupBy(tasks, groupNameOf);
  return GROUPS.flatMap(group => {
    const members = byName.get(group.name);
    if (members === undefined) return [];
    return [[group, group.keep === 'last' ? members.toSorted((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0)) : members] as const];
  });
};
