/**
 * What is queued: the lanes of each job, and per task width the line of jobs that still have something in theirs. `evolve`
 * calls what changes the queue; handlers and rules what reads it. None of it grows with the number of queued tasks, but for
 * a job's submission and the cancelling of many tasks at once.
 */
import { List } from 'immutable';
import { invariant } from '../base/invariant.ts';
import type { Submission } from '../domain/job.ts';
import type { JobId } from '../domain/names.ts';
import type { IndexRange } from './fact.ts';
import { firstOf, isQueuedIn, type Lane, newLane, queuedIn, withoutAll, withoutFirst, withReturned } from './lane.ts';
import { type Job, jobOf, type Line, type State, specOf } from './state.ts';

/** A queued task that none of its width goes before. */
export type Head = {
  readonly job: Job;
  readonly index: number;
  readonly width: number;
};

/** The task that goes next among those narrower than `limit`; `undefined`: none of them is queued. */
export const firstQueued = (state: State, limit: number): Head | undefined => {
  let first: Head | undefined;
  for (const line of state.queue) {
    if (line.width >= limit) continue;
    const head = headOf(state, line);
    if (first === undefined || goesBefore(head, first)) first = head;
  }
  return first;
};

const goesBefore = (a: Head, b: Head): boolean => (a.job.seq === b.job.seq ? a.index < b.index : a.job.seq < b.job.seq);

const headOf = (state: State, { width, jobs }: Line): Head => {
  const jobId = jobs.first();
  invariant(jobId !== undefined, `the line of width ${width} is empty`);
  const job = jobOf(state, jobId);
  const index = firstOf(laneOf(job, width));
  invariant(index !== undefined, `job ${jobId} is first in the line of width ${width} with nothing queued`);
  return { job, index, width };
};

export const isQueued = (job: Job, index: number): boolean => isQueuedIn(laneOf(job, specOf(job, index).slots), index);

/** All queued tasks of a job, those of one width only where `select` says so. */
export const queuedRanges = (job: Job, select: (lane: Lane) => boolean = () => true): readonly IndexRange[] =>
  rangesOf(
    job.lanes
      .filter(select)
      .flatMap(queuedIn)
      .sort((a, b) => a - b),
  );

/** Every index in the ranges, one after the other. */
export function* indexesIn(ranges: readonly IndexRange[]): Iterable<number> {
  for (const [from, to] of ranges) for (let index = from; index < to; index += 1) yield index;
}

const rangesOf = (ascending: readonly number[]): readonly IndexRange[] => {
  const ranges: [number, number][] = [];
  for (const index of ascending) {
    const last = ranges.at(-1);
    if (last?.[1] === index) last[1] = index + 1;
    else ranges.push([index, index + 1]);
  }
  return ranges;
};

/** The state with a new job at the end of the queue. */
export const enqueue = (state: State, id: JobId, submission: Submission): State => {
  const job: Job = {
    id,
    seq: state.jobCount,
    submission,
    lanes: lanesOf(submission),
    open: submission.spec.tasks.length,
  };
  return {
    ...state,
    jobs: state.jobs.set(id, job),
    jobCount: state.jobCount + 1,
    queue: job.lanes.reduce((queue, { width }) => withLine(queue, { width, jobs: lineOf(queue, width).push(id) }), state.queue),
    wantedSlots: state.wantedSlots + slotsWanted([job]),
  };
};

/** The state when a task, the first of its job and width, has got slots. */
export const dequeue = (state: State, jobId: JobId, index: number, width: number): State => {
  const job = jobOf(state, jobId);
  const lane = laneOf(job, width);
  invariant(firstOf(lane) === index, `task ${index} of job ${jobId} is not the next one of width ${width}`);
  return dropStaleHead(withLane(state, job, withoutFirst(lane), -width), width);
};

/** The state with a task back in the queue, in its old place. */
export const requeue = (state: State, jobId: JobId, index: number, width: number): State => {
  const job = jobOf(state, jobId);
  const changed = withLane(state, job, withReturned(laneOf(job, width), index), width);
  const others = lineOf(state.queue, width).filter(id => id !== jobId && hasQueued(state.jobs.get(id), width));
  const behind = others.findIndex(id => jobOf(state, id).seq > job.seq);
  const jobs = others.insert(behind === -1 ? others.size : behind, jobId);
  return { ...changed, queue: withLine(changed.queue, { width, jobs }) };
};

/** The state without these tasks of a job, all of which are queued. */
export const dropQueued = (state: State, jobId: JobId, ranges: readonly IndexRange[]): State => {
  const before = jobOf(state, jobId);
  const byWidth = Map.groupBy(indexesIn(ranges), index => specOf(before, index).slots);
  let changed = state;
  for (const [width, indexes] of byWidth) {
    const job = jobOf(changed, jobId);
    const lane = withoutAll(laneOf(job, width), new Set(indexes));
    changed = dropStaleHead(withLane(changed, job, lane, -width * indexes.length), width);
  }
  return changed;
};

/** A submission's lanes with all its tasks queued. */
export const lanesOf = ({ spec }: Submission): readonly Lane[] => {
  const byWidth = new Map<number, number[]>();
  for (const [index, { slots }] of spec.tasks.entries()) {
    const indexes = byWidth.get(slots);
    if (indexes === undefined) byWidth.set(slots, [index]);
    else indexes.push(index);
  }
  return [...byWidth].map(([width, indexes]) => newLane(width, indexes)).sort((a, b) => a.width - b.width);
};

/** Slots that the queued tasks of these jobs ask for together. */
export const slotsWanted = (jobs: readonly Job[]): number =>
  jobs.flatMap(job => job.lanes).reduce((sum, lane) => sum + lane.width * queuedIn(lane).length, 0);

/** The queue of these jobs, which come oldest first. */
export const linesOf = (jobs: readonly Job[]): readonly Line[] => {
  const widths = new Set(jobs.flatMap(job => job.lanes.map(lane => lane.width)));
  const lines = [...widths].map(width => ({ width, jobs: List(jobs.filter(job => hasQueued(job, width)).map(job => job.id)) }));
  return lines.filter(line => !line.jobs.isEmpty()).sort((a, b) => a.width - b.width);
};

const laneOf = (job: Job, width: number): Lane => {
  const lane = job.lanes.find(candidate => candidate.width === width);
  invariant(lane !== undefined, `job ${job.id} has no tasks of width ${width}`);
  return lane;
};

const hasQueued = (job: Job | undefined, width: number): boolean =>
  job?.lanes.some(lane => lane.width === width && firstOf(lane) !== undefined) ?? false;

const withLane = (state: State, job: Job, lane: Lane, slots: number): State => ({
  ...state,
  jobs: state.jobs.set(job.id, { ...job, lanes: job.lanes.map(other => (other.width === lane.width ? lane : other)) }),
  wantedSlots: state.wantedSlots + slots,
});

const lineOf = (queue: readonly Line[], width: number): List<JobId> =>
  queue.find(line => line.width === width)?.jobs ?? List<JobId>();

/** Narrowest first; a line that nobody stands in is none. */
const withLine = (queue: readonly Line[], line: Line): readonly Line[] =>
  [...queue.filter(other => other.width !== line.width), ...(line.jobs.isEmpty() ? [] : [line])].sort(
    (a, b) => a.width - b.width,
  );

/** Whoever comes to the front with nothing left to start, leaves. */
const dropStaleHead = (state: State, width: number): State => {
  const line = lineOf(state.queue, width);
  let jobs = line;
  for (let first = jobs.first(); first !== undefined && !hasQueued(state.jobs.get(first), width); first = jobs.first())
    jobs = jobs.shift();
  return jobs === line ? state : { ...state, queue: withLine(state.queue, { width, jobs }) };
};
