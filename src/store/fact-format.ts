/**
 * Facts as rows. The shape of a fact's type never changes once it was released; a new shape is a new version, written from
 * then on, and rows of older versions are lifted, step by step, when they are read.
 */
import type { Submission } from '../domain/job.ts';
import type { JobId } from '../domain/names.ts';
import type { Fact } from '../scheduler/fact.ts';

export type FactRow = {
  /** From 1, without gaps. */
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly version: number;
  /** JSON: the fact without its time and type, and without the job's submission, which has a row of its own. */
  readonly body: string;
};

type Json = Readonly<Record<string, unknown>>;

/** The step at index `n` makes version `n + 2` of version `n + 1`. */
export type Lifts = readonly ((body: Json) => Json)[];

const LIFTS: { readonly [Type in Fact['type']]: Lifts } = {
  serverStarted: [],
  jobScheduled: [],
  taskAssigned: [],
  taskStarted: [],
  taskStopRequested: [],
  taskKept: [],
  taskEnded: [],
  taskReturned: [],
  queuedTasksAborted: [],
  jobCompleted: [],
  nodeCreated: [],
  nodeProvisioning: [],
  nodeOnline: [],
  nodeUnreachable: [],
  nodeReachable: [],
  nodeProvisioningFailed: [],
  nodeDiscarded: [],
  nodeTerminating: [],
  nodeTerminationAttemptFailed: [],
  nodeTerminationRetried: [],
  nodeTerminationFailed: [],
  nodeTerminated: [],
  drainStarted: [],
  drained: [],
};

/** Of a job's submission, which is kept apart from its fact and has versions of its own. */
const SUBMISSION_LIFTS: Lifts = [
  // Version 2 says how long failed tasks are kept.
  ({ spec, ...submission }) => ({ ...submission, spec: { ...(spec as Json), keepFailedMs: 0 } }),
];

export const SUBMISSION_VERSION = SUBMISSION_LIFTS.length + 1;

export const encodeFact = (fact: Fact): Pick<FactRow, 'at' | 'type' | 'version' | 'body'> => {
  const { at, type, ...body } = fact;
  const kept = fact.type === 'jobScheduled' ? { jobId: fact.jobId } : body;
  return { at, type, version: LIFTS[type].length + 1, body: JSON.stringify(kept) };
};

/** `submissionOf` finds what a job was submitted with. Throws where the row is of a type or version that nobody here knows. */
export const decodeFact = ({ at, type, version, body }: FactRow, submissionOf: (jobId: JobId) => Submission): Fact => {
  if (!isKnownType(type)) throw new Error(`"${type}" is no type of fact that this version knows`);
  const lifted = lift(JSON.parse(body), version, LIFTS[type]);
  const submission = type === 'jobScheduled' ? { submission: submissionOf(lifted.jobId as JobId) } : {};
  return { ...lifted, ...submission, at, type } as Fact;
};

const isKnownType = (type: string): type is Fact['type'] => Object.hasOwn(LIFTS, type);

export const decodeSubmission = (version: number, submission: string): Submission =>
  lift(JSON.parse(submission), version, SUBMISSION_LIFTS) as Submission;

/** What was written in `version`, in the newest version's shape. Throws where `version` is newer than that. */
export const lift = (body: Json, version: number, lifts: Lifts): Json => {
  if (version > lifts.length + 1) throw new Error(`it has version ${version}, and this one knows ${lifts.length + 1}`);
  return lifts.slice(version - 1).reduce((older, step) => step(older), body);
};
