import { stopTask } from '../moves.ts';
import { type Node, type State, taskAt } from '../state.ts';
import type { Rule } from './rule.ts';

/** Tells tasks to stop that have run for too long. Those told to stop already have no clock any more. */
export const timeOutTasks: Rule = draft => {
  for (const { clocks } of draft.state.nodes) {
    for (const key of clocks) {
      const due = timeoutAt(draft.state, key);
      if (due === null || due > draft.at) break;
      stopTask(draft, taskAt(draft.state, key), 'timeout');
    }
  }
};

/** When the first task on this node times out; `null`: none will. */
export const nextTimeoutAt = (state: State, { clocks }: Node): number | null => {
  const [longest] = clocks;
  return longest === undefined ? null : timeoutAt(state, longest);
};

/** The flags of today hold for tasks of yesterday too. */
const timeoutAt = (state: State, key: Node['clocks'][number]): number | null => {
  const { startedAt } = taskAt(state, key);
  const { taskTimeoutMs } = state.config;
  return startedAt === null || taskTimeoutMs === 0 ? null : startedAt + taskTimeoutMs;
};
