import { taskKey } from '../../domain/names.ts';
import { EXIT_WARNING, type TaskOutcome, type TaskResult } from '../../domain/task.ts';
import type { Draft } from '../draft.ts';
import { endAndCleanUp } from '../moves.ts';
import { outcomeOf } from '../outcome.ts';
import { jobOf, type LiveTask, type State } from '../state.ts';
import type { Handler } from './handler.ts';

/** A task that is not running any more, or never was, has nothing to end: a late or repeated answer. */
export const taskEnded: Handler<'taskEnded'> = (draft, { jobId, index, result }) => {
  const task = draft.state.tasks.get(taskKey(jobId, index));
  if (task === undefined || task.startedAt === null || task.kept !== null) return;
  const outcome = outcomeOf(result, task.stop);
  if (isToBeKept(draft, task, result, outcome)) keep(draft, task, outcome);
  else endAndCleanUp(draft, task, outcome);
};

/** Failures that nobody asked for, and that have left something to look into. */
const isToBeKept = ({ state }: Draft, task: LiveTask, result: TaskResult, outcome: TaskOutcome): boolean => {
  const hasFailed = outcome.type === 'timedOut' || (outcome.type === 'failed' && outcome.exitCode !== EXIT_WARNING);
  const hasContainer = result.type === 'exited' || result.stepBegan === true;
  return keepFailedMsOf(state, task) > 0 && hasFailed && hasContainer && task.stop !== 'cancel';
};

const keepFailedMsOf = (state: State, { jobId }: LiveTask): number => jobOf(state, jobId).submission.spec.keepFailedMs;

/** Its run is over, and its containers stay because nobody orders their clean-up yet. */
const keep = (draft: Draft, task: LiveTask, outcome: TaskOutcome): void => {
  const until = draft.at + keepFailedMsOf(draft.state, task);
  draft.emit({ type: 'taskKept', jobId: task.jobId, index: task.index, outcome, until });
};
