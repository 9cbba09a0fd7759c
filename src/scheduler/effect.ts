import type { JobId, NodeId } from '../domain/names.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { StopReason, TaskRun } from '../domain/task.ts';
import type { RequestId } from './input.ts';

/**
 * What the loop shall do. Three kinds: those that yield one final input (`provisionNode`, `connectNode`, `terminateNode`,
 * `runTask`), those that hurry another one (`cancelProvisioning`, `stopTask`), those that only tell (`answer`, `cleanUpTask`).
 * Performing one twice, as a restart does, is harmless.
 */
export type Effect =
  /** → `nodeProvisioned` or `nodeProvisioningFailed`. */
  | { readonly type: 'provisionNode'; readonly nodeId: NodeId }
  /**
   * A node that was online before a restart. → `nodeLost` when it is known to be gone, `nodeUnreachable` for each attempt that
   * failed. That it answers is news like any other.
   */
  | { readonly type: 'connectNode'; readonly nodeId: NodeId }
  | { readonly type: 'cancelProvisioning'; readonly nodeId: NodeId }
  /** → `nodeTerminated` or `nodeTerminationFailed`, with the same attempt. */
  | { readonly type: 'terminateNode'; readonly nodeId: NodeId; readonly attempt: number }
  /** → `taskEnded`. */
  | { readonly type: 'runTask'; readonly run: TaskRun }
  | { readonly type: 'stopTask'; readonly jobId: JobId; readonly index: number; readonly reason: StopReason }
  /** The task's end is journalled: what it left on its node may go. */
  | { readonly type: 'cleanUpTask'; readonly run: TaskRun }
  | { readonly type: 'answer'; readonly requestId: RequestId; readonly refusal: Refusal | null };
