import type { TaskFullName } from '../domain/names.ts';
import { type TaskRun, taskOf } from '../domain/task.ts';

/** The labels on everything that Alfred makes on an engine. Objects are found by them, never by a pattern of names. */
export const LABEL = {
  /** The server that owns it: two servers may share an engine. */
  server: 'alfred.server',
  job: 'alfred.job',
  task: 'alfred.task',
  /** The task's place in its job: with the job, the task's key. Full names alone can read the same for two tasks. */
  index: 'alfred.index',
  role: 'alfred.role',
  /** Of a step's container: its number, from 1. */
  step: 'alfred.step',
  /** Of a service's container: the service's name. */
  service: 'alfred.service',
} as const;

/** What an engine object is to its task. */
export type Role =
  | { readonly type: 'network' }
  | { readonly type: 'service'; readonly service: string }
  | { readonly type: 'step'; readonly step: number }
  /** Stands in for the last step of a task that failed and is kept; its image has the same labels. */
  | { readonly type: 'exec' };

export type Labels = Readonly<Record<string, string>>;

/** The labels that all objects of a task share. */
export const taskLabels = (instance: string, run: TaskRun): Labels => ({
  [LABEL.server]: instance,
  [LABEL.job]: run.jobId,
  [LABEL.task]: taskOf(run).name,
  [LABEL.index]: String(run.index),
});

/** The labels of one object. */
export const objectLabels = (task: Labels, role: Role): Labels => ({
  ...task,
  [LABEL.role]: role.type,
  ...(role.type === 'step' && { [LABEL.step]: String(role.step) }),
  ...(role.type === 'service' && { [LABEL.service]: role.service }),
});

/** Names of engine objects, for people: `docker ps` shows whose container it is. All characters of task names are the engine's too. */
export const objectName = (task: TaskFullName, role: Role): string => {
  switch (role.type) {
    case 'network':
      return `alfred-${task}`;
    case 'service':
      return `alfred-${task}-${role.service}`;
    case 'step':
      return `alfred-${task}-${role.step}`;
    // With a character that no name of a service has.
    case 'exec':
      return `alfred-${task}.exec`;
  }
};

/** The number of the step whose container has these labels; `null`: it is no step's. One that stands in for a step inherits its labels. */
export const stepOf = (labels: Readonly<Record<string, string | undefined>>): number | null =>
  labels[LABEL.role] === 'step' ? Number(labels[LABEL.step]) : null;

/** Whether the labels say everything that `expected` says. */
export const hasLabels = (labels: Labels | null | undefined, expected: Labels): boolean =>
  Object.entries(expected).every(([key, value]) => labels?.[key] === value);

/** The engine's filter for objects with all these labels. */
export const labelFilter = (labels: Labels): { readonly label: string[] } => ({
  label: Object.entries(labels).map(([key, value]) => `${key}=${value}`),
});
