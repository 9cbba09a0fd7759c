import type { JobId } from '../../domain/names.ts';
import type { State } from '../state.ts';
import type { Rule } from './rule.ts';

/** Completes the jobs whose last task has ended, whatever way. Runs after every input, so that no job is seen done but open. */
export const closeJobs: Rule = draft => {
  for (let jobId = nextToClose(draft.state); jobId !== undefined; jobId = nextToClose(draft.state)) {
    draft.emit({ type: 'jobCompleted', jobId });
  }
};

const nextToClose = ({ finishing }: State): JobId | undefined => finishing.first();
