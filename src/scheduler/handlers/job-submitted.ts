import type { TaskSpec } from '../../domain/job.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { noNumberOfSlots, noTasks, shuttingDown, taskTooWide, twoOfOneName } from '../refusals.ts';
import type { State } from '../state.ts';
import type { Handler } from './handler.ts';

/** All or nothing: a job that has one impossible task is refused whole. */
export const jobSubmitted: Handler<'jobSubmitted'> = (draft, { requestId, jobId, submission }) => {
  const refusal = refusalOf(draft.state, submission.spec.tasks);
  if (refusal === null) draft.emit({ type: 'jobScheduled', jobId, submission });
  draft.order({ type: 'answer', requestId, refusal });
};

/** The first thing that is wrong; `null`: nothing is. */
const refusalOf = ({ phase, config }: State, tasks: readonly TaskSpec[]): Refusal | null => {
  if (phase !== 'open') return shuttingDown;
  if (tasks.length === 0) return noTasks;
  const names = new Set<string>();
  for (const task of tasks) {
    if (names.has(task.name)) return twoOfOneName(task);
    if (!Number.isInteger(task.slots) || task.slots < 1) return noNumberOfSlots(task);
    if (task.slots > config.slotsPerNode) return taskTooWide(task, config.slotsPerNode);
    names.add(task.name);
  }
  return null;
};
