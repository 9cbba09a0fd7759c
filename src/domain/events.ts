import type { JobId, NodeId } from './names.ts';
import type { NodeState } from './node.ts';

/**
 * What happened, as users hear of it. Derived from facts, never stored. `reason` says in words what state and code alone do
 * not; `null` where there is nothing to add.
 */
export type PublicEvent =
  | { readonly type: 'nodeCreated'; readonly nodeId: NodeId; readonly slots: number }
  | {
      readonly type: 'nodeStatusUpdated';
      readonly nodeId: NodeId;
      readonly state: NodeState;
      readonly reason: string | null;
    }
  /** A slot is taken by a task, or free. */
  | {
      readonly type: 'nodeSlotUpdated';
      readonly nodeId: NodeId;
      readonly slot: number;
      readonly task: { readonly jobId: JobId; readonly name: string } | null;
    }
  /** Follows the status `terminated`: the node has left the pool. */
  | { readonly type: 'nodeTerminated'; readonly nodeId: NodeId }
  | { readonly type: 'jobScheduled'; readonly jobId: JobId }
  /** Its last task has ended, whatever way. */
  | { readonly type: 'jobCompleted'; readonly jobId: JobId }
  | { readonly type: 'taskQueued'; readonly jobId: JobId; readonly name: string }
  | { readonly type: 'taskRunning'; readonly jobId: JobId; readonly name: string }
  | { readonly type: 'taskAborted'; readonly jobId: JobId; readonly name: string; readonly reason: string | null }
  | {
      readonly type: 'taskFailed';
      readonly jobId: JobId;
      readonly name: string;
      readonly exitCode: number;
      readonly reason: string | null;
    }
  | { readonly type: 'taskSkipped'; readonly jobId: JobId; readonly name: string }
  | { readonly type: 'taskTimedOut'; readonly jobId: JobId; readonly name: string }
  /** Follows `taskFailed` or `taskTimedOut`: its containers and slots stay until then, or until somebody cancels it. */
  | { readonly type: 'taskKept'; readonly jobId: JobId; readonly name: string; readonly until: number }
  | { readonly type: 'taskCompleted'; readonly jobId: JobId; readonly name: string };
