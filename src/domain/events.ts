import type { JobId, NodeId } from './names.ts';
import type { NodeState } from './node.ts';

/** What happened, as users hear of it. Derived from facts, never stored. */
export type PublicEvent =
  | { readonly type: 'nodeCreated'; readonly nodeId: NodeId; readonly slots: number }
  | { readonly type: 'nodeStatusUpdated'; readonly nodeId: NodeId; readonly state: NodeState }
  | {
      readonly type: 'nodeSlotUpdated';
      readonly nodeId: NodeId;
      readonly slot: number;
      readonly task: { readonly jobId: JobId; readonly name: string } | null;
    }
  | { readonly type: 'nodeTerminated'; readonly nodeId: NodeId }
  | { readonly type: 'jobScheduled'; readonly jobId: JobId }
  | { readonly type: 'jobCompleted'; readonly jobId: JobId }
  | { readonly type: 'taskQueued'; readonly jobId: JobId; readonly name: string }
  | { readonly type: 'taskRunning'; readonly jobId: JobId; readonly name: string }
  | { readonly type: 'taskAborted'; readonly jobId: JobId; readonly name: string }
  | { readonly type: 'taskFailed'; readonly jobId: JobId; readonly name: string; readonly exitCode: number }
  | { readonly type: 'taskSkipped'; readonly jobId: JobId; readonly name: string }
  | { readonly type: 'taskTimedOut'; readonly jobId: JobId; readonly name: string }
  | { readonly type: 'taskCompleted'; readonly jobId: JobId; readonly name: string };
