import type { TaskKey } from '../../domain/names.ts';
import type { Draft } from '../draft.ts';
import { type Node, nodeOf, runOf, type State, taskAt } from '../state.ts';
import { AT_ONCE, NEVER, type Rule } from './rule.ts';

/** Starts the tasks that hold slots, those of one node the startup delay apart. */
export const startTasks: Rule = draft => {
  for (const { id, waiting } of draft.state.nodes) {
    for (const key of waiting) {
      if (nextStartAt(draft.state, nodeOf(draft.state, id)) > draft.at) break;
      start(draft, key);
    }
  }
};

/**
 * When the next task starts on this node. Measured from the last start that really was: times handed out ahead would all be
 * over after a downtime, and everything would start at once.
 */
export const nextStartAt = (state: State, { waiting, lastStartAt }: Node): number =>
  waiting.length === 0 ? NEVER : (lastStartAt ?? AT_ONCE) + state.config.taskStartupDelayMs;

const start = (draft: Draft, key: TaskKey): void => {
  const task = taskAt(draft.state, key);
  const { jobId, index, nodeId } = task;
  draft.emit({ type: 'taskStarted', jobId, index, nodeId });
  draft.order({ type: 'runTask', run: runOf(draft.state, task) });
};
