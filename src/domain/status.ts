import type { List } from 'immutable';
import type { JobId, NodeId } from './names.ts';
import type { NodeState, Unreachable } from './node.ts';
import type { TaskState } from './task.ts';

/** A task as clients see it. Times are milliseconds since the epoch, `null` until they are known. */
export type TaskStatus = {
  readonly name: string;
  readonly state: TaskState;
  readonly exitCode: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** Why the task ended as it did, where the state and the code do not say it. */
  readonly reason: string | null;
  /** Until when the containers and slots of a task that failed stay, for people to look into; `null`: they don't, or are gone. */
  readonly keptUntil: number | null;
};

/** A job as clients see it: the same object as long as nothing of it changed, so it can key a cache. */
export type JobStatus = {
  readonly name: JobId;
  readonly about: string;
  readonly tasks: List<TaskStatus>;
  readonly scheduledAt: number;
  /** Set when the last task has ended and is not kept any more; nothing changes after it. */
  readonly completedAt: number | null;
  readonly jobfile: string;
  readonly commandLine: string;
  readonly startedBy: string;
};

export type SlotStatus = {
  readonly id: number;
  readonly task: { readonly job: JobId; readonly name: string } | null;
};

export type NodeStatus = {
  readonly name: NodeId;
  readonly state: NodeState;
  readonly slots: readonly SlotStatus[];
  /** Why the node is in a failed state, in the words of what failed. */
  readonly reason: string | null;
  /** `null`: it answers, or is not online. */
  readonly unreachable: Unreachable | null;
  /** What it is busy with beside its tasks, for people: `waiting for ssh`, `receiving image 3f2a… 43%`; `null`: nothing. */
  readonly activity: string | null;
};

/** What the server was told to be; the same for its whole life. */
export type ServerInfo = {
  readonly startedAt: number;
  readonly provisioner: string;
  readonly maxNodes: number;
  readonly slotsPerNode: number;
  readonly logLevel: string;
  readonly provisioningDelayMs: number;
  readonly openstackFlavor: string;
  readonly taskStartupDelayMs: number;
  readonly taskTimeoutMs: number;
};

/** Jobs in the order of their submission (unfinished ones and the last finished ones), nodes in the order of their creation. */
export type Status = {
  readonly jobs: readonly JobStatus[];
  readonly nodes: readonly NodeStatus[];
};
