/**
 * What clients see, folded from the same facts as the scheduler's state, so that the two can't differ. Holds every unfinished
 * job and the last finished ones; older ones are in the journal's history.
 */
import { List, Map } from 'immutable';
import { invariant } from '../base/invariant.ts';
import { scheduledJob, taskEnd } from '../domain/job-status.ts';
import type { JobId, NodeId, TaskKey } from '../domain/names.ts';
import type { NodeState } from '../domain/node.ts';
import type { JobStatus, NodeStatus, SlotStatus, Status, TaskStatus } from '../domain/status.ts';
import { taskOf } from '../domain/task.ts';
import type { Fact, FactOf } from '../scheduler/fact.ts';
import { type Kept, type LiveTask, type Node, runOf, type State, taskAt } from '../scheduler/state.ts';

/** Finished jobs that stay in memory. */
export const FINISHED_JOBS_KEPT = 1_000;

/** The fold's own form; {@link toStatus} gives the readers'. */
export type StatusFold = {
  readonly jobs: Map<JobId, JobStatus>;
  /** Jobs in `jobs`, in the order of their submission. */
  readonly order: List<JobId>;
  /** Finished jobs in `jobs`, in the order of their end. */
  readonly finished: List<JobId>;
  readonly nodes: List<NodeStatus>;
};

export const emptyStatus: StatusFold = { jobs: Map(), order: List(), finished: List(), nodes: List() };

/** What the journal remembers of jobs. */
export type PastJobs = {
  /** The job with what is known of its ended tasks, all others queued. */
  job(jobId: JobId): JobStatus | null;
  /** The last finished jobs, oldest end first. */
  finishedJobs(query: { readonly limit: number }): readonly JobStatus[];
  /** Grows from each job to the one that was submitted next. Times do not tell: two jobs may come in one millisecond. */
  place(jobId: JobId): number;
};

/** The status from which a restarted server goes on: the last finished jobs, and all that `state` holds. */
export const startingStatus = (state: State, past: PastJobs): StatusFold => {
  const finished = past.finishedJobs({ limit: FINISHED_JOBS_KEPT });
  const unfinished = [...state.jobs.keys()].map(jobId => unfinishedJob(state, jobId, past));
  const jobs = List([...finished, ...unfinished]).sortBy(({ name }) => past.place(name));
  return {
    jobs: Map(jobs.map(job => [job.name, job])),
    order: jobs.map(({ name }) => name),
    finished: List(finished.map(({ name }) => name)),
    nodes: List(state.nodes.map(node => nodeStatus(state, node))),
  };
};

const unfinishedJob = (state: State, jobId: JobId, past: PastJobs): JobStatus => {
  const job = past.job(jobId);
  invariant(job, `the journal has a state with job ${jobId}, but not the job`);
  const begun = [...state.tasks.values()].filter(task => task.jobId === jobId && task.startedAt !== null);
  return {
    ...job,
    tasks: job.tasks.withMutations(tasks => {
      for (const task of begun) tasks.set(task.index, begunTask(taskIn(job, task.index), task));
    }),
  };
};

const begunTask = (queued: TaskStatus, { startedAt, kept }: LiveTask): TaskStatus =>
  kept === null ? { ...queued, state: 'running', startedAt } : keptTask({ ...queued, startedAt }, kept);

/** It has ended, and is not gone. */
const keptTask = (task: TaskStatus, { outcome, since, until }: Kept): TaskStatus => ({
  ...task,
  ...taskEnd(outcome, since),
  keptUntil: until,
});

const nodeStatus = (state: State, node: Node): NodeStatus => ({
  name: node.id,
  state: node.state,
  slots: node.slots.map((key, id) => ({ id, task: key === null ? null : slotTask(state, key) })),
  reason: null,
  unreachable: node.unreachable,
  activity: null,
});

const slotTask = (state: State, key: TaskKey): SlotStatus['task'] => {
  const run = runOf(state, taskAt(state, key));
  return { job: run.jobId, name: taskOf(run).name };
};

/**
 * Folds the facts of one turn. Jobs that are too old leave before, never after: a job that ends in a turn is seen finished
 * at its end, however many end with it.
 */
export const foldTurn = (status: StatusFold, facts: readonly Fact[]): StatusFold =>
  facts.reduce((folded, fact) => foldFact(folded, fact), forgetOldJobs(status));

/** What nodes are busy with beside their tasks; those that are not have no entry. */
export type Activities = ReadonlyMap<NodeId, string>;

/** For readers. The lists are made when they are read: most folds are replaced by a newer one before anybody does. */
export const toStatus = (status: StatusFold, activities: Activities = new globalThis.Map()): Status => {
  let jobs: readonly JobStatus[] | null = null;
  return {
    get jobs() {
      jobs ??= status.order.toArray().map(id => jobIn(status, id));
      return jobs;
    },
    get nodes() {
      return status.nodes.toArray().map(node => ({ ...node, activity: activities.get(node.name) ?? null }));
    },
  };
};

type Folds = { readonly [Type in Fact['type']]: (status: StatusFold, fact: FactOf<Type>) => StatusFold };

const unchanged = (status: StatusFold): StatusFold => status;

const folds: Folds = {
  serverStarted: unchanged,
  jobScheduled: (status, { jobId, submission, at }) => addJob(status, scheduledJob(jobId, submission, at)),
  taskAssigned: (status, { jobId, index, nodeId, slots }) => {
    const task = { job: jobId, name: taskIn(jobIn(status, jobId), index).name };
    return updateNode(status, nodeId, node => ({ ...node, slots: fill(node.slots, slots, task) }));
  },
  taskStarted: (status, { jobId, index, at }) =>
    updateTask(status, jobId, index, task => ({ ...task, state: 'running', startedAt: at })),
  taskStopRequested: unchanged,
  taskKept: (status, { jobId, index, outcome, until, at }) =>
    updateTask(status, jobId, index, task => keptTask(task, { outcome, since: at, until })),
  taskEnded: (status, { jobId, index, nodeId, slots, outcome, at }) =>
    updateNode(
      // One that was kept had ended when it failed.
      updateTask(status, jobId, index, task => ({ ...task, ...taskEnd(outcome, task.endedAt ?? at), keptUntil: null })),
      nodeId,
      node => ({ ...node, slots: fill(node.slots, slots, null) }),
    ),
  taskReturned: (status, { nodeId, slots }) =>
    updateNode(status, nodeId, node => ({ ...node, slots: fill(node.slots, slots, null) })),
  queuedTasksAborted: (status, { jobId, ranges, reason, at }) =>
    updateJob(status, jobId, job => ({
      ...job,
      tasks: job.tasks.withMutations(tasks => {
        for (const [from, to] of ranges)
          for (let index = from; index < to; index++)
            tasks.set(index, { ...taskIn(job, index), ...taskEnd({ type: 'aborted' }, at, reason) });
      }),
    })),
  jobCompleted: (status, { jobId, at }) => ({
    ...updateJob(status, jobId, job => ({ ...job, completedAt: at })),
    finished: status.finished.push(jobId),
  }),
  nodeCreated: (status, { nodeId, slots }) => ({ ...status, nodes: status.nodes.push(newNode(nodeId, slots)) }),
  nodeProvisioning: (status, { nodeId }) => setNodeState(status, nodeId, 'provisioning', null),
  nodeOnline: (status, { nodeId }) => setNodeState(status, nodeId, 'online', null),
  nodeUnreachable: (status, { nodeId, why, at }) =>
    updateNode(status, nodeId, node => ({ ...node, unreachable: { since: node.unreachable?.since ?? at, why } })),
  nodeReachable: (status, { nodeId }) => updateNode(status, nodeId, node => ({ ...node, unreachable: null })),
  nodeProvisioningFailed: (status, { nodeId, why }) => setNodeState(status, nodeId, 'failedProvisioning', why),
  nodeDiscarded: (status, { nodeId }) => removeNode(status, nodeId),
  nodeTerminating: (status, { nodeId }) => setNodeState(status, nodeId, 'terminating', null),
  nodeTerminationAttemptFailed: (status, { nodeId, why }) => setNodeState(status, nodeId, 'terminating', why),
  nodeTerminationRetried: (status, { nodeId }) => setNodeState(status, nodeId, 'terminating', null),
  nodeTerminationFailed: (status, { nodeId, why }) => setNodeState(status, nodeId, 'failedTerminating', why),
  nodeTerminated: (status, { nodeId }) => removeNode(status, nodeId),
  drainStarted: unchanged,
  drained: unchanged,
};

const foldFact = (status: StatusFold, fact: Fact): StatusFold =>
  // The table's type ties each fold to its fact; tsc can't follow that through the lookup.
  (folds[fact.type] as (status: StatusFold, fact: Fact) => StatusFold)(status, fact);

/** Adds a job behind those that were submitted before it. */
const addJob = (status: StatusFold, job: JobStatus): StatusFold => ({
  ...status,
  jobs: status.jobs.set(job.name, job),
  order: status.order.push(job.name),
});

const forgetOldJobs = (status: StatusFold): StatusFold => {
  const surplus = status.finished.size - FINISHED_JOBS_KEPT;
  if (surplus <= 0) return status;
  const forgotten = status.finished.take(surplus).toSet();
  return {
    ...status,
    jobs: status.jobs.deleteAll(forgotten),
    order: status.order.filterNot(id => forgotten.has(id)),
    finished: status.finished.skip(surplus),
  };
};

const newNode = (name: NodeId, slots: number): NodeStatus => ({
  name,
  state: 'queued',
  slots: Array.from({ length: slots }, (_, id) => ({ id, task: null })),
  reason: null,
  unreachable: null,
  activity: null,
});

const fill = (slots: readonly SlotStatus[], ids: readonly number[], task: SlotStatus['task']): readonly SlotStatus[] =>
  slots.map(slot => (ids.includes(slot.id) ? { ...slot, task } : slot));

const jobIn = (status: StatusFold, jobId: JobId): JobStatus => {
  const job = status.jobs.get(jobId);
  invariant(job, `no such job in the status: ${jobId}`);
  return job;
};

const taskIn = (job: JobStatus, index: number): TaskStatus => {
  const task = job.tasks.get(index);
  invariant(task, `job ${job.name} has no task ${index}`);
  return task;
};

const updateJob = (status: StatusFold, jobId: JobId, change: (job: JobStatus) => JobStatus): StatusFold => ({
  ...status,
  jobs: status.jobs.set(jobId, change(jobIn(status, jobId))),
});

const updateTask = (status: StatusFold, jobId: JobId, index: number, change: (task: TaskStatus) => TaskStatus): StatusFold =>
  updateJob(status, jobId, job => ({ ...job, tasks: job.tasks.set(index, change(taskIn(job, index))) }));

const updateNode = (status: StatusFold, nodeId: NodeId, change: (node: NodeStatus) => NodeStatus): StatusFold => ({
  ...status,
  nodes: status.nodes.map(node => (node.name === nodeId ? change(node) : node)),
});

const setNodeState = (status: StatusFold, nodeId: NodeId, state: NodeState, reason: string | null): StatusFold =>
  updateNode(status, nodeId, node => ({ ...node, state, reason, unreachable: null }));

const removeNode = (status: StatusFold, nodeId: NodeId): StatusFold => ({
  ...status,
  nodes: status.nodes.filterNot(node => node.name === nodeId),
});
