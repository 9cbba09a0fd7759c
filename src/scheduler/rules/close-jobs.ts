import type { Rule } from './rule.ts';

/** Completes the jobs whose last task has ended, whatever way. Runs after every input, so that no job is seen done but open. */
export const closeJobs: Rule = draft => {
  for (const jobId of draft.state.finishing) draft.emit({ type: 'jobCompleted', jobId });
};
