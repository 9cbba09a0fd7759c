/** What several handlers and rules do alike: a fact, and the order that goes with it. */
import type { NodeId } from '../domain/names.ts';
import { reasonOfLoss } from '../domain/node.ts';
import type { StopReason, TaskOutcome } from '../domain/task.ts';
import type { Draft } from './draft.ts';
import type { IndexRange } from './fact.ts';
import { outcomeOf } from './outcome.ts';
import { queuedRanges } from './queue.ts';
import { type Job, jobOf, type LiveTask, liveTasks, runOf } from './state.ts';

/** Aborts a job's queued tasks: all, or these. `reason`, where no user asked for it. */
export const abortQueued = (
  draft: Draft,
  job: Job,
  ranges: readonly IndexRange[] = queuedRanges(job),
  reason: string | null = null,
): void => {
  if (ranges.length > 0) draft.emit({ type: 'queuedTasksAborted', jobId: job.id, ranges, reason });
};

/** A server started anew with narrower nodes holds tasks that no node can take any more: waiting on, their job would never end. */
export const abortTooWide = (draft: Draft, job: Job): void => {
  const { slotsPerNode } = draft.state.config;
  const tooWide = queuedRanges(job, lane => lane.width > slotsPerNode);
  abortQueued(
    draft,
    job,
    tooWide,
    `asks for more slots than a node has since the server was started with ${slotsPerNode} per node`,
  );
};

/** Cancels a task that holds slots: one that waits for its start never runs, one that runs is told to stop, one that is kept goes. */
export const cancelTask = (draft: Draft, task: LiveTask): void => {
  if (task.kept !== null) endAndCleanUp(draft, task, task.kept.outcome);
  else if (task.startedAt === null) endTask(draft, task, { type: 'aborted' });
  else if (task.stop !== 'cancel') stopTask(draft, task, 'cancel');
};

/** Its slots stay taken until the runner says that it is gone: freed now, they would be given away twice. */
export const stopTask = (draft: Draft, { jobId, index }: LiveTask, reason: StopReason): void => {
  draft.emit({ type: 'taskStopRequested', jobId, index, reason });
  draft.order({ type: 'stopTask', jobId, index, reason });
};

export const endTask = (draft: Draft, { jobId, index, nodeId, slots }: LiveTask, outcome: TaskOutcome): void =>
  draft.emit({ type: 'taskEnded', jobId, index, nodeId, slots, outcome });

/** What the task left on its node goes after its end is journalled: the other way round, a crash between would run it again. */
export const endAndCleanUp = (draft: Draft, task: LiveTask, outcome: TaskOutcome): void => {
  const run = runOf(draft.state, task);
  endTask(draft, task, outcome);
  draft.order({ type: 'cleanUpTask', run });
};

/** A task that has not started loses nothing by it: it is queued again, in its old place. */
export const returnTask = (draft: Draft, { jobId, index, nodeId, slots }: LiveTask): void => {
  draft.emit({ type: 'taskReturned', jobId, index, nodeId, slots });
  abortTooWide(draft, jobOf(draft.state, jobId));
};

export const terminateNode = (draft: Draft, nodeId: NodeId): void => {
  draft.emit({ type: 'nodeTerminating', nodeId });
  draft.order({ type: 'terminateNode', nodeId, attempt: 1 });
};

/**
 * Tasks that ran there fail: their work is gone, and running it again is the user's choice. Those that had not started go
 * back to the queue, those that were kept have their end already. What may be left of the node is terminated.
 */
export const loseNode = (draft: Draft, nodeId: NodeId, why: string): void => {
  for (const task of liveTasks(draft.state)) if (task.nodeId === nodeId) loseTask(draft, task, why);
  terminateNode(draft, nodeId);
};

const loseTask = (draft: Draft, task: LiveTask, why: string): void => {
  if (task.kept !== null) endTask(draft, task, task.kept.outcome);
  else if (task.startedAt === null) returnTask(draft, task);
  else failTask(draft, task, why);
};

/** Hurries the run that waits for an answer from nowhere; what it says then comes late. Nothing is left to clean up. */
const failTask = (draft: Draft, task: LiveTask, why: string): void => {
  draft.order({ type: 'stopTask', jobId: task.jobId, index: task.index, reason: task.stop ?? 'cancel' });
  endTask(draft, task, outcomeOf({ type: 'broken', reason: reasonOfLoss(why) }, task.stop));
};
