import type { JobSpec } from './job.ts';
import { type JobId, type NodeId, type TaskFullName, taskFullName } from './names.ts';

/** The exit code with which a step says "done, with warnings": the task counts as failed, with this code. */
export const EXIT_WARNING = 42;

/** The exit code with which a step says "nothing to do here": the task counts as skipped. */
export const EXIT_SKIPPED = 43;

/** The exit code of whatever is not a step's own exit: a broken engine, a service that never got healthy, a lost node. */
export const EXIT_NONE = -1;

/**
 * How a task's run ended, as its runner saw it. `exited`: all steps exited 0, or one did not, with its code; `stopped`: the
 * run was told to stop and did; `broken`: Alfred or its tools could not run the task. `stepBegan`, told of jobs whose failed
 * tasks are kept: there is a step's container to look into.
 */
export type TaskResult =
  | { readonly type: 'exited'; readonly code: number; readonly reason?: string }
  | { readonly type: 'stopped'; readonly stepBegan?: boolean }
  | { readonly type: 'broken'; readonly reason: string; readonly stepBegan?: boolean };

/** How a task ended, as users see it. `reason` says in words what a code alone does not: "out of memory", "killed by SIGSEGV". */
export type TaskOutcome =
  | { readonly type: 'completed' }
  | { readonly type: 'failed'; readonly exitCode: number; readonly reason?: string }
  | { readonly type: 'skipped' }
  | { readonly type: 'timedOut' }
  | { readonly type: 'aborted' };

/** Why a running task is told to stop. A cancel outranks a timeout. */
export type StopReason = 'cancel' | 'timeout';

/** QUEUED → RUNNING → one of the endings; also QUEUED → ABORTED. */
export type TaskState = 'queued' | 'running' | TaskOutcome['type'];

/** One run of one task on one node: all that a runner needs to know of it. */
export type TaskRun = {
  readonly jobId: JobId;
  /** The task's place in the job; with `jobId`, its key. */
  readonly index: number;
  readonly nodeId: NodeId;
  readonly spec: JobSpec;
};

/** The task of a run, by name. */
export const taskOf = (run: TaskRun): { readonly name: string; readonly slots: number; readonly fullName: TaskFullName } => {
  const task = run.spec.tasks[run.index];
  if (task === undefined) throw new RangeError(`job ${run.jobId} has no task ${run.index}`);
  return { ...task, fullName: taskFullName(run.jobId, task.name) };
};
