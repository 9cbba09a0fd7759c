import type { Submission } from '../domain/job.ts';
import type { JobId, NodeId } from '../domain/names.ts';
import type { TaskResult } from '../domain/task.ts';
import type { SchedulerConfig } from './config.ts';

/** Names a request, so that its `answer` finds the one who asked. Lives as long as the connection, so it is not in any fact. */
export type RequestId = number;

/** What happened outside, with the time at which the loop heard of it (`at`, milliseconds since the epoch). */
export type Input = { readonly at: number } & (
  | { readonly type: 'serverStarted'; readonly config: SchedulerConfig }
  | { readonly type: 'jobSubmitted'; readonly requestId: RequestId; readonly jobId: JobId; readonly submission: Submission }
  /** `sparesKept`: tasks that failed and are kept stay so. */
  | { readonly type: 'jobCancelled'; readonly requestId: RequestId; readonly jobId: JobId; readonly sparesKept: boolean }
  | { readonly type: 'taskCancelled'; readonly requestId: RequestId; readonly jobId: JobId; readonly index: number }
  /** A pass is due: the loop adds one at the end of every turn. */
  | { readonly type: 'tick' }
  | { readonly type: 'nodeProvisioned'; readonly nodeId: NodeId }
  | { readonly type: 'nodeProvisioningFailed'; readonly nodeId: NodeId; readonly why: string }
  | { readonly type: 'nodeTerminated'; readonly nodeId: NodeId; readonly attempt: number }
  | { readonly type: 'nodeTerminationFailed'; readonly nodeId: NodeId; readonly attempt: number; readonly why: string }
  /** The node is known to be gone; silence alone is no loss. */
  | { readonly type: 'nodeLost'; readonly nodeId: NodeId; readonly why: string }
  /** The node does not answer; also again, when there is another reason. */
  | { readonly type: 'nodeUnreachable'; readonly nodeId: NodeId; readonly why: string }
  | { readonly type: 'nodeReachable'; readonly nodeId: NodeId }
  | { readonly type: 'taskEnded'; readonly jobId: JobId; readonly index: number; readonly result: TaskResult }
  | { readonly type: 'shutdownRequested' }
);

/** An input of one type, with its time. */
export type InputOf<Type extends Input['type']> = Extract<Input, { readonly type: Type }>;
