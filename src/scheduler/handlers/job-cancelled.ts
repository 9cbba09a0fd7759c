import { abortQueued, cancelTask } from '../moves.ts';
import { unknownJob } from '../refusals.ts';
import { liveTasks } from '../state.ts';
import type { Handler } from './handler.ts';

/** Answers at once, before the running tasks are gone. Cancelling what is cancelled already is fine. */
export const jobCancelled: Handler<'jobCancelled'> = (draft, { requestId, jobId, sparesKept }) => {
  const job = draft.state.jobs.get(jobId);
  if (job === undefined) return draft.order({ type: 'answer', requestId, refusal: unknownJob(jobId) });

  abortQueued(draft, job);
  for (const task of liveTasks(draft.state)) {
    if (task.jobId === jobId && !(sparesKept && task.kept !== null)) cancelTask(draft, task);
  }
  draft.order({ type: 'answer', requestId, refusal: null });
};
