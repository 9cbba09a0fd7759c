import type { TaskKey } from '../../domain/names.ts';
import { endAndCleanUp } from '../moves.ts';
import { type Node, type State, taskAt } from '../state.ts';
import { NEVER, type Rule } from './rule.ts';

/** Ends the tasks that were kept for long enough, as they failed then. */
export const releaseKeptTasks: Rule = draft => {
  for (const { kept } of draft.state.nodes) {
    for (const key of kept) {
      const task = taskAt(draft.state, key);
      if (task.kept !== null && task.kept.until <= draft.at) endAndCleanUp(draft, task, task.kept.outcome);
    }
  }
};

/** When the first task on this node has been kept for long enough. Not in the order of their failures: each job has its own time. */
export const releaseAt = (state: State, { kept }: Node): number => Math.min(NEVER, ...kept.map(key => keptUntil(state, key)));

const keptUntil = (state: State, key: TaskKey): number => taskAt(state, key).kept?.until ?? NEVER;
