import { invariant } from '../base/invariant.ts';
import { type JobId, type NodeId, type TaskKey, taskKey } from '../domain/names.ts';
import type { Fact, FactOf } from './fact.ts';
import { dequeue, dropQueued, enqueue, requeue } from './queue.ts';
import { jobOf, type LiveTask, type Node, type State, taskAt } from './state.ts';

/**
 * The state with the fact in it: the only thing that changes state. Reads the fact and the state, neither flags nor a clock,
 * so facts of long ago fold as they did then. Throws `InvariantError` when the fact does not fit the state.
 */
export const evolve = (state: State, fact: Fact): State => (folds[fact.type] as Fold<Fact['type']>)(state, fact);

// The bivariance of methods lets the table be called with the union; each entry is checked against its own type all the same.
type Fold<Type extends Fact['type']> = { fold(state: State, fact: FactOf<Type>): State }['fold'];

const folds: { readonly [Type in Fact['type']]: Fold<Type> } = {
  serverStarted: (state, { config }) => ({ ...state, phase: 'open', config }),
  drainStarted: state => ({ ...state, phase: 'draining' }),
  drained: state => ({ ...state, phase: 'drained' }),

  jobScheduled: (state, { jobId, submission }) => {
    invariant(!state.jobs.has(jobId), `job ${jobId} is in the state already`);
    return enqueue(state, jobId, submission);
  },
  queuedTasksAborted: (state, { jobId, ranges }) => {
    const count = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
    return withoutOpen(dropQueued(state, jobId, ranges), jobId, count);
  },
  jobCompleted: (state, { jobId }) => ({
    ...state,
    jobs: state.jobs.delete(jobId),
    finishing: state.finishing.delete(state.finishing.indexOf(jobId)),
  }),

  taskAssigned: (state, { jobId, index, nodeId, slots }) => {
    const key = taskKey(jobId, index);
    const task: LiveTask = { key, jobId, index, nodeId, slots, startedAt: null, stop: null, kept: null };
    const occupied = withNode(dequeue(state, jobId, index, slots.length), nodeId, node => ({
      ...withSlots(node, slots, key),
      waiting: [...node.waiting, key],
      idleSince: null,
    }));
    return { ...occupied, tasks: occupied.tasks.set(key, task) };
  },
  taskStarted: (state, { at, jobId, index, nodeId }) => {
    const key = taskKey(jobId, index);
    const started = withTask(state, key, task => ({ ...task, startedAt: at }));
    return withNode(started, nodeId, node => ({
      ...node,
      waiting: without(node.waiting, key),
      clocks: [...node.clocks, key],
      lastStartAt: at,
    }));
  },
  taskStopRequested: (state, { jobId, index, reason }) => {
    const key = taskKey(jobId, index);
    const told = withTask(state, key, task => ({ ...task, stop: reason }));
    return withNode(told, taskAt(told, key).nodeId, node => ({ ...node, clocks: without(node.clocks, key) }));
  },
  taskKept: (state, { at, jobId, index, outcome, until }) => {
    const key = taskKey(jobId, index);
    const kept = withTask(state, key, task => ({ ...task, kept: { outcome, since: at, until } }));
    return withNode(kept, taskAt(kept, key).nodeId, node => ({
      ...node,
      clocks: without(node.clocks, key),
      kept: [...node.kept, key],
    }));
  },
  taskEnded: (state, fact) => withoutOpen(withoutTask(state, fact), fact.jobId, 1),
  taskReturned: (state, fact) => requeue(withoutTask(state, fact), fact.jobId, fact.index, fact.slots.length),

  nodeCreated: (state, { nodeId, slots }) => ({
    ...state,
    nodes: [...state.nodes, newNode(nodeId, slots)],
    nodeCount: state.nodeCount + 1,
  }),
  nodeProvisioning: (state, { at, nodeId }) => ({
    ...withNode(state, nodeId, node => ({ ...node, state: 'provisioning' })),
    lastProvisionAt: at,
  }),
  nodeUnreachable: (state, { at, nodeId, why }) =>
    withNode(state, nodeId, node => ({ ...node, unreachable: { since: node.unreachable?.since ?? at, why } })),
  nodeReachable: (state, { nodeId }) => withNode(state, nodeId, node => ({ ...node, unreachable: null })),
  nodeOnline: (state, { at, nodeId }) => withNode(state, nodeId, node => ({ ...node, state: 'online', idleSince: at })),
  nodeProvisioningFailed: (state, { nodeId, retryAt }) =>
    withNode(state, nodeId, node => ({ ...node, state: 'failedProvisioning', retryAt })),
  nodeDiscarded: (state, { nodeId }) => withoutNode(state, nodeId),
  nodeTerminating: (state, { nodeId }) =>
    withNode(state, nodeId, node => ({
      ...node,
      state: 'terminating',
      unreachable: null,
      idleSince: null,
      attempt: 1,
      retryAt: null,
    })),
  nodeTerminationAttemptFailed: (state, { nodeId, retryAt }) => withNode(state, nodeId, node => ({ ...node, retryAt })),
  nodeTerminationRetried: (state, { nodeId, attempt }) => withNode(state, nodeId, node => ({ ...node, attempt, retryAt: null })),
  nodeTerminationFailed: (state, { nodeId }) => withNode(state, nodeId, node => ({ ...node, state: 'failedTerminating' })),
  nodeTerminated: (state, { nodeId }) => withoutNode(state, nodeId),
};

const newNode = (id: NodeId, slots: number): Node => ({
  id,
  state: 'queued',
  unreachable: null,
  slots: Array.from({ length: slots }, () => null),
  freeSlots: slots,
  waiting: [],
  clocks: [],
  kept: [],
  lastStartAt: null,
  idleSince: null,
  attempt: 0,
  retryAt: null,
});

const withNode = (state: State, nodeId: NodeId, change: (node: Node) => Node): State => {
  const position = state.nodes.findIndex(node => node.id === nodeId);
  const node = state.nodes[position];
  invariant(node !== undefined, `node ${nodeId} is not in the state`);
  return { ...state, nodes: state.nodes.with(position, change(node)) };
};

const withoutNode = (state: State, nodeId: NodeId): State => ({
  ...state,
  nodes: state.nodes.filter(node => node.id !== nodeId),
});

/** The node with `slots` taken by a task or, `null`, free. Nobody's slot is ever taken away: that would run two tasks in one. */
const withSlots = (node: Node, slots: readonly number[], key: TaskKey | null): Node => {
  const taken = [...node.slots];
  for (const slot of slots) {
    const changes = taken[slot] === null ? key !== null : taken[slot] !== undefined && key === null;
    invariant(changes, `slot ${slot} of node ${node.id} is not ${key === null ? 'taken' : 'free'}`);
    taken[slot] = key;
  }
  return { ...node, slots: taken, freeSlots: node.freeSlots + (key === null ? slots.length : -slots.length) };
};

const withTask = (state: State, key: TaskKey, change: (task: LiveTask) => LiveTask): State => ({
  ...state,
  tasks: state.tasks.set(key, change(taskAt(state, key))),
});

/** The state when a task has given its slots back. */
const withoutTask = (state: State, { at, jobId, index, nodeId, slots }: FactOf<'taskEnded' | 'taskReturned'>): State => {
  const key = taskKey(jobId, index);
  taskAt(state, key);
  const left = withNode(state, nodeId, node => {
    const freed = withSlots(node, slots, null);
    return {
      ...freed,
      waiting: without(node.waiting, key),
      clocks: without(node.clocks, key),
      kept: without(node.kept, key),
      idleSince: freed.state === 'online' && freed.freeSlots === freed.slots.length ? at : null,
    };
  });
  return { ...left, tasks: left.tasks.delete(key) };
};

/** The state when so many more of the job's tasks have ended. */
const withoutOpen = (state: State, jobId: JobId, ended: number): State => {
  const job = jobOf(state, jobId);
  const open = job.open - ended;
  return {
    ...state,
    jobs: state.jobs.set(jobId, { ...job, open }),
    finishing: open === 0 ? state.finishing.push(jobId) : state.finishing,
  };
};

const without = (keys: readonly TaskKey[], key: TaskKey): readonly TaskKey[] => keys.filter(other => other !== key);
