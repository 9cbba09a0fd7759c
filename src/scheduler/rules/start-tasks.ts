import type { Draft } from '../draft.ts';
import { type Node, nodeOf, runOf, type State, taskAt } from '../state.ts';
import type { Rule } from './rule.ts';

/** Starts the tasks that hold slots, those of one node the startup delay apart. */
export const startTasks: Rule = draft => {
  for (const { id, waiting } of draft.state.nodes) {
    for (const key of waiting) {
      const due = nextStartAt(draft.state, nodeOf(draft.state, id));
      if (due === null || due > draft.at) break;
      start(draft, key);
    }
  }
};

/**
 * When the next task starts on this node; `null`: none waits. Measured from the last start that really was: times handed out
 * ahead would all be over after a downtime, and everything would start at once.
 */
export const nextStartAt = (state: State, { waiting, lastStartAt }: Node): number | null => {
  if (waiting.length === 0) return null;
  return lastStartAt === null ? Number.NEGATIVE_INFINITY : lastStartAt + state.config.taskStartupDelayMs;
};

const start = (draft: Draft, key: Node['waiting'][number]): void => {
  const { jobId, index, nodeId } = taskAt(draft.state, key);
  draft.emit({ type: 'taskStarted', jobId, index, nodeId });
  draft.order({ type: 'runTask', run: runOf(draft.state, { jobId, index }) });
};
