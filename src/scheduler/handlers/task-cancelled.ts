import { taskKey } from '../../domain/names.ts';
import type { Draft } from '../draft.ts';
import { abortQueued, cancelTask } from '../moves.ts';
import { isQueued } from '../queue.ts';
import { unknownJob, unknownTask } from '../refusals.ts';
import type { Job } from '../state.ts';
import type { Handler } from './handler.ts';

/** Answers at once, before a running task is gone. Cancelling what has ended is fine. */
export const taskCancelled: Handler<'taskCancelled'> = (draft, { requestId, jobId, index }) => {
  const job = draft.state.jobs.get(jobId);
  if (job === undefined) return draft.order({ type: 'answer', requestId, refusal: unknownJob(jobId) });
  if (job.submission.spec.tasks[index] === undefined) {
    return draft.order({ type: 'answer', requestId, refusal: unknownTask(jobId, index) });
  }
  cancel(draft, job, index);
  draft.order({ type: 'answer', requestId, refusal: null });
};

const cancel = (draft: Draft, job: Job, index: number): void => {
  const task = draft.state.tasks.get(taskKey(job.id, index));
  if (task !== undefined) cancelTask(draft, task);
  else if (isQueued(job, index)) abortQueued(draft, job, [[index, index + 1]]);
};
