import type { Submission } from '../domain/job.ts';
import type { JobId, NodeId } from '../domain/names.ts';
import type { StopReason, TaskOutcome } from '../domain/task.ts';
import type { SchedulerConfig } from './config.ts';

/** Indexes `from` up to, not including, `to` of a job's tasks. */
export type IndexRange = readonly [from: number, to: number];

/** A fact of one type, with its time. */
export type FactOf<Type extends Fact['type']> = Extract<Fact, { readonly type: Type }>;

/** A fact, and when it came to be (milliseconds since the epoch). */
export type Fact = FactBody & { readonly at: number };

/**
 * What is so from now on: the only thing that changes state, and what the journal keeps. A fact carries every number that
 * its fold needs, so that yesterday's facts fold the same under tomorrow's rules. Compact: one fact may stand for
 * thousands of tasks. The shape of a type never changes once it was released; a new shape is a new version of the type.
 */
export type FactBody =
  | { readonly type: 'serverStarted'; readonly config: SchedulerConfig }
  | { readonly type: 'jobScheduled'; readonly jobId: JobId; readonly submission: Submission }
  /** The task holds these slots of the node from now on, and waits for its start. */
  | {
      readonly type: 'taskAssigned';
      readonly jobId: JobId;
      readonly index: number;
      readonly nodeId: NodeId;
      readonly slots: readonly number[];
    }
  | { readonly type: 'taskStarted'; readonly jobId: JobId; readonly index: number; readonly nodeId: NodeId }
  | { readonly type: 'taskStopRequested'; readonly jobId: JobId; readonly index: number; readonly reason: StopReason }
  /** A task failed, and keeps its slots and containers until then: its `taskEnded`, with the same outcome, is still to come. */
  | {
      readonly type: 'taskKept';
      readonly jobId: JobId;
      readonly index: number;
      readonly outcome: TaskOutcome;
      readonly until: number;
    }
  /** A task that held slots ended; they are free. */
  | {
      readonly type: 'taskEnded';
      readonly jobId: JobId;
      readonly index: number;
      readonly nodeId: NodeId;
      readonly slots: readonly number[];
      readonly outcome: TaskOutcome;
    }
  /** A task that waited for its start, on a node that is lost or does not answer, is queued again in its old place. */
  | {
      readonly type: 'taskReturned';
      readonly jobId: JobId;
      readonly index: number;
      readonly nodeId: NodeId;
      readonly slots: readonly number[];
    }
  /** Tasks that had no slots are aborted; `reason`, where nobody asked for it. */
  | {
      readonly type: 'queuedTasksAborted';
      readonly jobId: JobId;
      readonly ranges: readonly IndexRange[];
      readonly reason: string | null;
    }
  | { readonly type: 'jobCompleted'; readonly jobId: JobId }
  | { readonly type: 'nodeCreated'; readonly nodeId: NodeId; readonly slots: number }
  | { readonly type: 'nodeProvisioning'; readonly nodeId: NodeId }
  | { readonly type: 'nodeOnline'; readonly nodeId: NodeId }
  | { readonly type: 'nodeUnreachable'; readonly nodeId: NodeId; readonly why: string }
  | { readonly type: 'nodeReachable'; readonly nodeId: NodeId }
  | { readonly type: 'nodeProvisioningFailed'; readonly nodeId: NodeId; readonly why: string; readonly retryAt: number }
  | { readonly type: 'nodeDiscarded'; readonly nodeId: NodeId }
  | { readonly type: 'nodeTerminating'; readonly nodeId: NodeId }
  | {
      readonly type: 'nodeTerminationAttemptFailed';
      readonly nodeId: NodeId;
      readonly attempt: number;
      readonly why: string;
      readonly retryAt: number;
    }
  | { readonly type: 'nodeTerminationRetried'; readonly nodeId: NodeId; readonly attempt: number }
  | { readonly type: 'nodeTerminationFailed'; readonly nodeId: NodeId; readonly why: string }
  | { readonly type: 'nodeTerminated'; readonly nodeId: NodeId }
  | { readonly type: 'drainStarted' }
  | { readonly type: 'drained' };
