import type { Submission } from '../domain/job.ts';
import type { JobId } from '../domain/names.ts';
import { initialState, type State } from './state.ts';

/** A state as plain JSON, without the jobs' submissions: they are large, never change, and are kept apart. */
export type Snapshot = { readonly version: 1 };

export const snapshotOf = (_state: State): Snapshot => ({ version: 1 });

/** The state of a snapshot; `submissionOf` finds what the jobs in it were submitted with. */
export const stateOf = (_snapshot: Snapshot, _submissionOf: (jobId: JobId) => Submission): State => initialState;
