import { List, Map } from 'immutable';
import { invariant } from '../base/invariant.ts';
import type { Submission, TaskSpec } from '../domain/job.ts';
import { type JobId, type NodeId, type TaskKey, taskKey } from '../domain/names.ts';
import type { NodeState, Unreachable } from '../domain/node.ts';
import type { StopReason, TaskOutcome, TaskRun } from '../domain/task.ts';
import type { SchedulerConfig } from './config.ts';
import type { Lane } from './lane.ts';

/**
 * All that the scheduler knows: what is live, nothing else. A queued task is no entry here but a number in its job's lane,
 * an ended one is counted and forgotten, a completed job is gone. Changed by `evolve` alone.
 */
export type State = {
  /** `drained` is also where a server stands before its first start. */
  readonly phase: 'open' | 'draining' | 'drained';
  readonly config: SchedulerConfig;
  /** Jobs with tasks that have not ended, and those in `finishing`. */
  readonly jobs: Map<JobId, Job>;
  /** A line for each task width that somebody waits for, narrowest first. */
  readonly queue: readonly Line[];
  /** Slots that all queued tasks ask for together: what the pool's size is made from. */
  readonly wantedSlots: number;
  /** The tasks that hold slots. */
  readonly tasks: Map<TaskKey, LiveTask>;
  /** In the order of their creation. A plain array: a pool is small, and rules walk it. */
  readonly nodes: readonly Node[];
  /** Jobs whose last task has ended and which nobody has closed yet; empty between two inputs. */
  readonly finishing: List<JobId>;
  /** When the last node left QUEUED for PROVISIONING; `null`: never. */
  readonly lastProvisionAt: number | null;
  /** Jobs so far: the next one's `seq`. */
  readonly jobCount: number;
  /** Nodes so far: the next one is `node-<nodeCount + 1>`, also after a restart. */
  readonly nodeCount: number;
};

export type Job = {
  readonly id: JobId;
  /** The job's place among all jobs: the lower goes first. */
  readonly seq: number;
  /** Kept by reference; a snapshot leaves it out. */
  readonly submission: Submission;
  /** One for each width that the job's tasks have, narrowest first. */
  readonly lanes: readonly Lane[];
  /** Tasks that have not ended. */
  readonly open: number;
};

/** The jobs that have queued tasks of one width, oldest first. */
export type Line = {
  readonly width: number;
  /**
   * Never empty, and the first one has such a task for sure. Others may have lost theirs to a cancel, or be closed; they
   * leave when they come to the front.
   */
  readonly jobs: List<JobId>;
};

/**
 * ```
 * waiting ──(startup delay)──▶ running ──▶ ended: gone from the state
 *    │                            ├─ stop: null → timeout → cancel, or null → cancel
 *    │                            └──(failed)──▶ kept ──(its time is over, or cancelled)──▶ ended
 *    ├──(cancelled)──▶ ended
 *    └──(node lost, or unreachable)──▶ queued again
 * ```
 */
export type LiveTask = {
  readonly key: TaskKey;
  readonly jobId: JobId;
  readonly index: number;
  readonly nodeId: NodeId;
  readonly slots: readonly number[];
  /** When its own work began; `null` while it waits for its turn to start. */
  readonly startedAt: number | null;
  /** Why it was told to stop, if it was. */
  readonly stop: StopReason | null;
  /** What became of it, where it failed and is kept for people to look into; `null`: it has not ended. */
  readonly kept: Kept | null;
};

/** A task that failed, whose containers stay where they are. */
export type Kept = {
  readonly outcome: TaskOutcome;
  /** When it failed. */
  readonly since: number;
  readonly until: number;
};

export type Node = {
  readonly id: NodeId;
  /** Nodes that are discarded or terminated have left the state. */
  readonly state: Exclude<NodeState, 'discarded' | 'terminated'>;
  /** `null`: it answers, as far as is known; also of nodes that are not online. */
  readonly unreachable: Unreachable | null;
  readonly slots: readonly (TaskKey | null)[];
  /** How many of `slots` are null. */
  readonly freeSlots: number;
  /** Tasks that hold slots and have not started, in the order in which they will. */
  readonly waiting: readonly TaskKey[];
  /** Running tasks that nobody told to stop, the longest running first: those that can time out. */
  readonly clocks: readonly TaskKey[];
  /** Tasks that failed and hold their slots still, for people to look into. */
  readonly kept: readonly TaskKey[];
  /** When a task last started here; starts are the startup delay apart. `null`: never. */
  readonly lastStartAt: number | null;
  /** Since when the node is online with all its slots free; `null`: it is not. */
  readonly idleSince: number | null;
  /** Of the termination under way or due, from 1; 0 before the first. */
  readonly attempt: number;
  /** When the node is discarded after a failed provisioning, or its termination tried again; `null`: neither is due. */
  readonly retryAt: number | null;
};

/** Before the first `serverStarted`: nothing is taken, nothing is made. */
export const initialState: State = {
  phase: 'drained',
  config: {
    maxNodes: 0,
    slotsPerNode: 0,
    taskStartupDelayMs: 0,
    taskTimeoutMs: 0,
    provisioningDelayMs: 0,
    provisioningFailureCooldownMs: 0,
    nodeIdleTimeoutMs: 0,
  },
  jobs: Map(),
  queue: [],
  wantedSlots: 0,
  tasks: Map(),
  nodes: [],
  finishing: List(),
  lastProvisionAt: null,
  jobCount: 0,
  nodeCount: 0,
};

/** The job, which must be in the state. */
export const jobOf = (state: State, jobId: JobId): Job => {
  const job = state.jobs.get(jobId);
  invariant(job !== undefined, `job ${jobId} is not in the state`);
  return job;
};

/** What was asked for one of the job's tasks, which must have that many. */
export const specOf = (job: Job, index: number): TaskSpec => {
  const spec = job.submission.spec.tasks[index];
  invariant(spec !== undefined, `job ${job.id} has no task ${index}`);
  return spec;
};

/** The live task, which must be in the state. */
export const taskAt = (state: State, key: TaskKey): LiveTask => {
  const task = state.tasks.get(key);
  invariant(task !== undefined, `task ${key} is not in the state`);
  return task;
};

/** The node, which must be in the state. */
export const nodeOf = (state: State, nodeId: NodeId): Node => {
  const node = findNode(state, nodeId);
  invariant(node !== undefined, `node ${nodeId} is not in the state`);
  return node;
};

/** `undefined`: no such node, or no longer. */
export const findNode = (state: State, nodeId: NodeId): Node | undefined => state.nodes.find(node => node.id === nodeId);

/** Whether a node has the width that nodes are made with since the last start: others take no task, and end when they are free. */
export const isOfToday = ({ config }: State, { slots }: Node): boolean => slots.length === config.slotsPerNode;

/** What a runner needs to know of a live task, which must be in the state. */
export const runOf = (state: State, { jobId, index }: { readonly jobId: JobId; readonly index: number }): TaskRun => {
  const { nodeId } = taskAt(state, taskKey(jobId, index));
  return { jobId, index, nodeId, spec: jobOf(state, jobId).submission.spec };
};

/** The tasks that hold slots, in the order of nodes and slots: an order that does not depend on hashes. */
export const liveTasks = (state: State): readonly LiveTask[] => {
  const keys = new Set(state.nodes.flatMap(node => node.slots.filter(key => key !== null)));
  return [...keys].map(key => taskAt(state, key));
};

/** The jobs in the order of their submission, which a map's own order is not. */
export const jobsInOrder = (state: State): readonly Job[] => [...state.jobs.values()].sort((a, b) => a.seq - b.seq);
