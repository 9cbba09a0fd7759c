/** Jobs and tasks as a server reports them, with everything that a spec does not care about filled in. */
import { List } from 'immutable';
import type { JobId, NodeId } from '../../../src/domain/names.ts';
import type { JobStatus, NodeStatus, ServerInfo, Status, TaskStatus } from '../../../src/domain/status.ts';

/** All that a server shows, with these jobs on these nodes. */
export const serverStatus = (jobs: readonly JobStatus[], nodes: readonly NodeStatus[] = []): Status & { server: ServerInfo } => ({
  jobs,
  nodes,
  server: {
    startedAt: SCHEDULED_AT,
    provisioner: 'local',
    maxNodes: 2,
    slotsPerNode: 2,
    logLevel: 'INFO',
    provisioningDelayMs: 0,
    openstackFlavor: '',
    taskStartupDelayMs: 0,
    taskTimeoutMs: 0,
  },
});

/** An online node with these tasks in its slots, each `job/task`. */
export const node = (name: string, tasks: readonly string[], changes: Partial<NodeStatus> = {}): NodeStatus => ({
  name: name as NodeId,
  state: 'online',
  slots: tasks.map((task, id) => {
    const [jobName = '', taskName = ''] = task.split('/');
    return { id, task: { job: jobName as JobId, name: taskName } };
  }),
  reason: null,
  unreachable: null,
  activity: null,
  ...changes,
});

export const SCHEDULED_AT = Date.UTC(2026, 0, 15, 12, 0, 0);

export const seconds = (amount: number): number => amount * 1_000;
export const minutes = (amount: number): number => amount * 60_000;
export const hours = (amount: number): number => amount * 3_600_000;

/** A moment after the job was scheduled. */
export const at = (ms: number): number => SCHEDULED_AT + ms;

export const queued = (name: string): TaskStatus => ({
  name,
  state: 'queued',
  exitCode: null,
  startedAt: null,
  endedAt: null,
  reason: null,
  keptUntil: null,
});

export const running = (name: string, startedAt = at(seconds(1))): TaskStatus => ({
  ...queued(name),
  state: 'running',
  startedAt,
});

const ended =
  (state: TaskStatus['state'], exitCode: number | null) =>
  (name: string, changes: Partial<TaskStatus> = {}): TaskStatus => ({
    ...running(name),
    state,
    exitCode,
    endedAt: at(seconds(10)),
    ...changes,
  });

export const completed = ended('completed', 0);
export const failed = ended('failed', 1);
export const warned = ended('failed', 42);
export const skipped = ended('skipped', 43);
export const timedOut = ended('timedOut', null);
export const aborted = ended('aborted', null);

export const job = (tasks: readonly TaskStatus[], changes: Partial<JobStatus> = {}): JobStatus => ({
  name: 'nightly-brave-otter' as JobId,
  about: 'Every test there is',
  tasks: List(tasks),
  scheduledAt: SCHEDULED_AT,
  completedAt: null,
  jobfile: 'version: "1"\nname: nightly\n',
  commandLine: 'alfred run nightly.yaml',
  startedBy: 'ada@lovelace',
  ...changes,
});

/** The same job, done. */
export const finished = (tasks: readonly TaskStatus[], changes: Partial<JobStatus> = {}): JobStatus =>
  job(tasks, { completedAt: at(minutes(2)), ...changes });

/** `task-001`, `task-002`, … */
export const manyNames = (amount: number): readonly string[] =>
  Array.from({ length: amount }, (_, index) => `task-${String(index + 1).padStart(3, '0')}`);
