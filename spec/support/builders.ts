/** Short ways to say what the scheduler is told. Times are not theirs: `play` and the worlds stamp the inputs. */
import type { JobSpec, Submission, TaskSpec } from '../../src/domain/job.ts';
import type { JobId, NodeId } from '../../src/domain/names.ts';
import type { TaskResult } from '../../src/domain/task.ts';
import type { SchedulerConfig } from '../../src/scheduler/config.ts';
import type { Input } from '../../src/scheduler/input.ts';

/** An input without its time. */
export type Untimed = WithoutAt<Input>;
type WithoutAt<I> = I extends { readonly at: number } ? Omit<I, 'at'> : never;

/** One node of two slots, and no waiting for anything: specs name the flag that they are about. */
export const config = (flags: Partial<SchedulerConfig> = {}): SchedulerConfig => ({
  maxNodes: 1,
  slotsPerNode: 2,
  taskStartupDelayMs: 0,
  taskTimeoutMs: 0,
  provisioningDelayMs: 0,
  provisioningFailureCooldownMs: 60_000,
  nodeIdleTimeoutMs: 0,
  ...flags,
});

/** A task of so many slots, or one with a name of its own. */
export type TaskLike = number | Partial<TaskSpec>;

export const jobSpec = (name: string, tasks: readonly TaskLike[], keepFailedMs = 0): JobSpec => ({
  name,
  about: `about ${name}`,
  steps: ['sha256:step'],
  env: [],
  secrets: [],
  services: [],
  tasks: tasks.map((task, index) => ({ name: `t${index}`, slots: 1, ...(typeof task === 'number' ? { slots: task } : task) })),
  keepFailedMs,
});

export const submission = (name: string, tasks: readonly TaskLike[], keepFailedMs = 0): Submission => ({
  spec: jobSpec(name, tasks, keepFailedMs),
  jobfile: `name: ${name}`,
  commandLine: `alfred run ${name}.yaml`,
  startedBy: 'ada',
});

/** `count` tasks of one slot each. */
export const narrow = (count: number): readonly TaskLike[] => Array.from({ length: count }, () => 1);

export const starts = (flags: Partial<SchedulerConfig> = {}): Untimed => ({ type: 'serverStarted', config: config(flags) });

/** The job's name is its id here. */
export const submits = (jobId: string, tasks: readonly TaskLike[], requestId = 1, keepFailedMs = 0): Untimed => ({
  type: 'jobSubmitted',
  requestId,
  jobId: jobId as JobId,
  submission: submission(jobId, tasks, keepFailedMs),
});

/** A job whose failed tasks are kept. */
export const submitsKeeping = (jobId: string, seconds: number, tasks: readonly TaskLike[]): Untimed =>
  submits(jobId, tasks, 1, seconds * 1_000);

export const cancels = (jobId: string, index?: number, requestId = 1): Untimed =>
  index === undefined
    ? { type: 'jobCancelled', requestId, jobId: jobId as JobId, sparesKept: false }
    : { type: 'taskCancelled', requestId, jobId: jobId as JobId, index };

/** Cancels what a job has, but for what is kept. */
export const cancelsRest = (jobId: string): Untimed => ({
  type: 'jobCancelled',
  requestId: 1,
  jobId: jobId as JobId,
  sparesKept: true,
});

export const ends = (jobId: string, index: number, result: TaskResult = { type: 'exited', code: 0 }): Untimed => ({
  type: 'taskEnded',
  jobId: jobId as JobId,
  index,
  result,
});

export const exits = (jobId: string, index: number, code: number): Untimed => ends(jobId, index, { type: 'exited', code });

export const provisioned = (nodeId: string): Untimed => ({ type: 'nodeProvisioned', nodeId: nodeId as NodeId });

export const provisioningFails = (nodeId: string, why = 'no valid host'): Untimed => ({
  type: 'nodeProvisioningFailed',
  nodeId: nodeId as NodeId,
  why,
});

export const terminated = (nodeId: string, attempt = 1): Untimed => ({
  type: 'nodeTerminated',
  nodeId: nodeId as NodeId,
  attempt,
});

export const terminationFails = (nodeId: string, attempt: number, why = 'the cloud is down'): Untimed => ({
  type: 'nodeTerminationFailed',
  nodeId: nodeId as NodeId,
  attempt,
  why,
});

export const loses = (nodeId: string, why = 'no such server'): Untimed => ({ type: 'nodeLost', nodeId: nodeId as NodeId, why });

export const unreachable = (nodeId: string, why = 'no answer from 10.77.0.12'): Untimed => ({
  type: 'nodeUnreachable',
  nodeId: nodeId as NodeId,
  why,
});

export const reachable = (nodeId: string): Untimed => ({ type: 'nodeReachable', nodeId: nodeId as NodeId });

export const shutsDown: Untimed = { type: 'shutdownRequested' };
