import type { PublicEvent } from '../domain/events.ts';
import { type JobId, type NodeId, taskKey } from '../domain/names.ts';
import type { NodeState } from '../domain/node.ts';
import type { TaskOutcome } from '../domain/task.ts';
import type { Fact, FactOf } from './fact.ts';
import { indexesIn } from './queue.ts';
import { jobOf, type State, specOf, taskAt } from './state.ts';

/**
 * What a fact means to users, as news; none for what they do not hear of. `before` is the state that the fact is not in yet.
 * Lazy, because one fact may stand for a hundred thousand events that nobody listens to.
 */
export const publicEvents = (before: State, fact: Fact): Iterable<PublicEvent> =>
  // Indexing the table by the fact's own type is what makes the entry fit the fact.
  (expansions[fact.type] as (before: State, fact: Fact) => Iterable<PublicEvent>)(before, fact);

type Expansions = { readonly [Type in Fact['type']]: (before: State, fact: FactOf<Type>) => Iterable<PublicEvent> };

const none = (): Iterable<PublicEvent> => [];

const expansions: Expansions = {
  serverStarted: none,
  drainStarted: none,
  drained: none,

  jobScheduled: function* (_, { jobId, submission }) {
    yield { type: 'jobScheduled', jobId };
    for (const { name } of submission.spec.tasks) yield { type: 'taskQueued', jobId, name };
  },
  queuedTasksAborted: function* (before, { jobId, ranges, reason }) {
    for (const index of indexesIn(ranges)) yield { type: 'taskAborted', jobId, name: nameOf(before, jobId, index), reason };
  },
  jobCompleted: (_, { jobId }) => [{ type: 'jobCompleted', jobId }],

  taskAssigned: (before, { jobId, index, nodeId, slots }) =>
    slotUpdates(nodeId, slots, { jobId, name: nameOf(before, jobId, index) }),
  taskStarted: (before, { jobId, index }) => [{ type: 'taskRunning', jobId, name: nameOf(before, jobId, index) }],
  taskStopRequested: none,
  taskKept: (before, { jobId, index, outcome, until }) => {
    const name = nameOf(before, jobId, index);
    return [ending(jobId, name, outcome), { type: 'taskKept', jobId, name, until }];
  },
  taskEnded: (before, { jobId, index, nodeId, slots, outcome }) => [
    // Of one that was kept, users know the end already.
    ...(taskAt(before, taskKey(jobId, index)).kept === null ? [ending(jobId, nameOf(before, jobId, index), outcome)] : []),
    ...slotUpdates(nodeId, slots, null),
  ],
  // It was QUEUED while it held the slots, and still is.
  taskReturned: (_, { nodeId, slots }) => slotUpdates(nodeId, slots, null),

  nodeCreated: (_, { nodeId, slots }) => [{ type: 'nodeCreated', nodeId, slots }],
  nodeProvisioning: (_, { nodeId }) => [statusUpdate(nodeId, 'provisioning')],
  nodeOnline: (_, { nodeId }) => [statusUpdate(nodeId, 'online')],
  nodeUnreachable: (_, { nodeId, why }) => [statusUpdate(nodeId, 'online', `unreachable, ${why}`)],
  nodeReachable: (_, { nodeId }) => [statusUpdate(nodeId, 'online')],
  nodeProvisioningFailed: (_, { nodeId, why }) => [statusUpdate(nodeId, 'failedProvisioning', why)],
  nodeDiscarded: (_, { nodeId }) => [statusUpdate(nodeId, 'discarded')],
  nodeTerminating: (_, { nodeId }) => [statusUpdate(nodeId, 'terminating')],
  nodeTerminationAttemptFailed: none,
  nodeTerminationRetried: none,
  nodeTerminationFailed: (_, { nodeId, why }) => [statusUpdate(nodeId, 'failedTerminating', why)],
  nodeTerminated: (_, { nodeId }) => [statusUpdate(nodeId, 'terminated'), { type: 'nodeTerminated', nodeId }],
};

const nameOf = (state: State, jobId: JobId, index: number): string => specOf(jobOf(state, jobId), index).name;

const statusUpdate = (nodeId: NodeId, state: NodeState, reason: string | null = null): PublicEvent => ({
  type: 'nodeStatusUpdated',
  nodeId,
  state,
  reason,
});

const slotUpdates = (
  nodeId: NodeId,
  slots: readonly number[],
  task: Extract<PublicEvent, { type: 'nodeSlotUpdated' }>['task'],
): readonly PublicEvent[] => slots.map(slot => ({ type: 'nodeSlotUpdated', nodeId, slot, task }));

const ending = (jobId: JobId, name: string, outcome: TaskOutcome): PublicEvent => {
  switch (outcome.type) {
    case 'completed':
      return { type: 'taskCompleted', jobId, name };
    case 'failed':
      return { type: 'taskFailed', jobId, name, exitCode: outcome.exitCode, reason: outcome.reason ?? null };
    case 'skipped':
      return { type: 'taskSkipped', jobId, name };
    case 'timedOut':
      return { type: 'taskTimedOut', jobId, name };
    case 'aborted':
      return { type: 'taskAborted', jobId, name, reason: null };
  }
};
