import { List, Map, Set } from 'immutable';
import { invariant } from '../base/invariant.ts';
import type { Submission } from '../domain/job.ts';
import type { JobId } from '../domain/names.ts';
import type { Lane } from './lane.ts';
import { lanesOf, linesOf, slotsWanted } from './queue.ts';
import { type Job, jobsInOrder, type LiveTask, liveTasks, type Node, type State } from './state.ts';

/**
 * A state as plain JSON, so that a restart need not fold all facts since the first. Without the jobs' submissions: they are
 * large, never change, and are kept apart. Without what can be counted again: the queue and the slots it asks for.
 */
export type Snapshot = Pick<State, 'phase' | 'config' | 'lastProvisionAt' | 'jobCount' | 'nodeCount'> & {
  /** Of this shape. A new one lifts the old. */
  readonly version: 2;
  /** Oldest first. */
  readonly jobs: readonly JobSnapshot[];
  readonly tasks: readonly LiveTask[];
  readonly nodes: readonly Node[];
};

type JobSnapshot = Pick<Job, 'id' | 'seq' | 'open'> & {
  /** As many as the submission's tasks have widths, narrowest first. */
  readonly lanes: readonly LaneSnapshot[];
};

type LaneSnapshot = Pick<Lane, 'width' | 'next' | 'returned'> & { readonly gone: readonly number[] };

export const snapshotOf = (state: State): Snapshot => {
  const { phase, config, nodes, lastProvisionAt, jobCount, nodeCount } = state;
  const jobs = jobsInOrder(state).map(jobSnapshotOf);
  return { version: 2, phase, config, jobs, tasks: liveTasks(state), nodes, lastProvisionAt, jobCount, nodeCount };
};

const jobSnapshotOf = ({ id, seq, open, lanes }: Job): JobSnapshot => ({ id, seq, open, lanes: lanes.map(laneSnapshotOf) });

const laneSnapshotOf = ({ width, next, gone, returned }: Lane): LaneSnapshot => ({
  width,
  next,
  gone: [...gone].sort((a, b) => a - b),
  returned,
});

/** Of a time when no node was ever unreachable, and nothing was kept. */
type SnapshotV1 = Omit<Snapshot, 'version' | 'tasks' | 'nodes'> & {
  readonly version: 1;
  readonly tasks: readonly Omit<LiveTask, 'kept'>[];
  readonly nodes: readonly Omit<Node, 'unreachable' | 'kept'>[];
};

const lifted = (snapshot: Snapshot | SnapshotV1): Snapshot => {
  if (snapshot.version !== 1) return snapshot;
  return {
    ...snapshot,
    version: 2,
    tasks: snapshot.tasks.map(task => ({ ...task, kept: null })),
    nodes: snapshot.nodes.map(node => ({ ...node, unreachable: null, kept: [] })),
  };
};

/**
 * The state that a snapshot of this version or an older one was made of; `submissionOf` finds what the jobs in it were submitted
 * with.
 */
export const stateOf = (taken: Snapshot | SnapshotV1, submissionOf: (jobId: JobId) => Submission): State => {
  const snapshot = lifted(taken);
  invariant(snapshot.version === 2, `a snapshot of version ${snapshot.version} can't be read`);
  const { phase, config, tasks, nodes, lastProvisionAt, jobCount, nodeCount } = snapshot;
  const jobs = snapshot.jobs.map(job => jobWith(job, submissionOf(job.id)));
  return {
    phase,
    config,
    jobs: Map(jobs.map(job => [job.id, job])),
    queue: linesOf(jobs),
    wantedSlots: slotsWanted(jobs),
    tasks: Map(tasks.map(task => [task.key, task])),
    nodes,
    finishing: List(jobs.filter(job => job.open === 0).map(job => job.id)),
    lastProvisionAt,
    jobCount,
    nodeCount,
  };
};

const jobWith = ({ id, seq, open, lanes }: JobSnapshot, submission: Submission): Job => ({
  id,
  seq,
  open,
  submission,
  lanes: lanesOf(submission).map(lane => laneWith(lane, lanes)),
});

const laneWith = (lane: Lane, snapshots: readonly LaneSnapshot[]): Lane => {
  const snapshot = snapshots.find(({ width }) => width === lane.width);
  invariant(snapshot !== undefined, `the snapshot has no lane of width ${lane.width}`);
  return { ...lane, next: snapshot.next, gone: Set(snapshot.gone), returned: snapshot.returned };
};
