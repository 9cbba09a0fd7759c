/** Jobs, tasks and nodes as clients see them. */
import { List } from 'immutable';
import type { JobId, NodeId } from '../../domain/names.ts';
import type { NodeState } from '../../domain/node.ts';
import type { JobStatus, NodeStatus, ServerInfo, Status, TaskStatus } from '../../domain/status.ts';
import type { TaskState } from '../../domain/task.ts';
import {
  NodeStatus_Status,
  TaskStatus_Status,
  type JobStatus as WireJob,
  type NodeStatus as WireNode,
  type Status as WireStatus,
  type TaskStatus as WireTask,
} from '../generated/alfred.ts';
import { dateFromMs, dateToMs, durationFromMs, durationToMs } from './time.ts';

const TASK_STATE = {
  queued: TaskStatus_Status.QUEUED,
  running: TaskStatus_Status.RUNNING,
  aborted: TaskStatus_Status.ABORTED,
  failed: TaskStatus_Status.FAILED,
  completed: TaskStatus_Status.COMPLETED,
  skipped: TaskStatus_Status.SKIPPED,
  timedOut: TaskStatus_Status.TIMED_OUT,
} satisfies Record<TaskState, TaskStatus_Status>;

const NODE_STATE = {
  queued: NodeStatus_Status.QUEUED,
  provisioning: NodeStatus_Status.PROVISIONING,
  failedProvisioning: NodeStatus_Status.FAILED_PROVISIONING,
  discarded: NodeStatus_Status.DISCARDED,
  online: NodeStatus_Status.ONLINE,
  terminating: NodeStatus_Status.TERMINATING,
  failedTerminating: NodeStatus_Status.FAILED_TERMINATING,
  terminated: NodeStatus_Status.TERMINATED,
} satisfies Record<NodeState, NodeStatus_Status>;

const invert = <State extends string>(table: Record<State, number>): ReadonlyMap<number, State> =>
  new Map(Object.entries<number>(table).map(([state, number]) => [number, state as State]));

const TASK_STATE_OF = invert(TASK_STATE);
const NODE_STATE_OF = invert(NODE_STATE);

const encodeTaskStatus = (task: TaskStatus): WireTask => ({
  name: task.name,
  status: TASK_STATE[task.state],
  exitCode: task.exitCode ?? undefined,
  startedAt: dateFromMs(task.startedAt),
  endedAt: dateFromMs(task.endedAt),
  reason: task.reason ?? undefined,
  keptUntil: dateFromMs(task.keptUntil),
});

export const decodeTaskStatus = (task: WireTask): TaskStatus => {
  const startedAt = dateToMs(task.startedAt);
  const endedAt = dateToMs(task.endedAt);
  return {
    name: task.name,
    state: TASK_STATE_OF.get(task.status) ?? unknownTaskState(startedAt, endedAt),
    exitCode: task.exitCode ?? null,
    startedAt,
    endedAt,
    reason: task.reason ?? null,
    keptUntil: dateToMs(task.keptUntil),
  };
};

/** A state of a later contract, told by what is known of the task: an ending that this client can't name is not a success. */
const unknownTaskState = (startedAt: number | null, endedAt: number | null): TaskState => {
  if (endedAt !== null) return 'failed';
  return startedAt !== null ? 'running' : 'queued';
};

export const encodeJobStatus = (job: JobStatus): WireJob => ({
  name: job.name,
  about: job.about,
  tasks: job.tasks.toArray().map(encodeTaskStatus),
  scheduledAt: dateFromMs(job.scheduledAt),
  completedAt: dateFromMs(job.completedAt),
  jobfile: job.jobfile,
  commandLine: job.commandLine,
  startedBy: job.startedBy,
});

export const decodeJobStatus = (job: WireJob): JobStatus => ({
  name: job.name as JobId,
  about: job.about,
  tasks: List(job.tasks.map(decodeTaskStatus)),
  scheduledAt: dateToMs(job.scheduledAt) ?? 0,
  completedAt: dateToMs(job.completedAt),
  jobfile: job.jobfile,
  commandLine: job.commandLine,
  startedBy: job.startedBy,
});

export const encodeNodeStatus = (node: NodeStatus): WireNode => ({
  name: node.name,
  status: NODE_STATE[node.state],
  slots: node.slots.map(({ id, task }) => ({ id, task: task ?? undefined })),
  reason: node.reason ?? undefined,
  unreachable: node.unreachable === null ? undefined : { since: dateFromMs(node.unreachable.since), why: node.unreachable.why },
  activity: node.activity ?? undefined,
});

/** A node in a state of a later contract takes no tasks that this client could know of. */
export const decodeNodeStatus = (node: WireNode): NodeStatus => ({
  name: node.name as NodeId,
  state: NODE_STATE_OF.get(node.status) ?? 'queued',
  slots: node.slots.map(({ id, task }) => ({
    id,
    task: task === undefined ? null : { job: task.job as JobId, name: task.name },
  })),
  reason: node.reason ?? null,
  unreachable:
    node.unreachable === undefined ? null : { since: dateToMs(node.unreachable.since) ?? 0, why: node.unreachable.why },
  activity: node.activity ?? null,
});

/** The part of a Status that is the same for the server's whole life; jobs and nodes are left out. */
export const encodeServerInfo = (info: ServerInfo): WireStatus => ({
  server: { startedAt: dateFromMs(info.startedAt) },
  scheduler: {
    provisioner: info.provisioner,
    maxNodes: info.maxNodes,
    slotsPerNode: info.slotsPerNode,
    logLevel: info.logLevel,
    provisioningDelay: durationFromMs(info.provisioningDelayMs),
    openstackFlavor: info.openstackFlavor,
    taskStartupDelay: durationFromMs(info.taskStartupDelayMs),
    taskTimeout: durationFromMs(info.taskTimeoutMs),
  },
  jobs: [],
  nodes: [],
});

const decodeServerInfo = ({ server, scheduler }: WireStatus): ServerInfo => ({
  startedAt: dateToMs(server?.startedAt) ?? 0,
  provisioner: scheduler?.provisioner ?? '',
  maxNodes: scheduler?.maxNodes ?? 0,
  slotsPerNode: scheduler?.slotsPerNode ?? 0,
  logLevel: scheduler?.logLevel ?? '',
  provisioningDelayMs: durationToMs(scheduler?.provisioningDelay),
  openstackFlavor: scheduler?.openstackFlavor ?? '',
  taskStartupDelayMs: durationToMs(scheduler?.taskStartupDelay),
  taskTimeoutMs: durationToMs(scheduler?.taskTimeout),
});

export const decodeStatus = (status: WireStatus): Status & { readonly server: ServerInfo } => ({
  server: decodeServerInfo(status),
  jobs: status.jobs.map(decodeJobStatus),
  nodes: status.nodes.map(decodeNodeStatus),
});
