import type { TaskKey } from '../../domain/names.ts';
import { stopTask } from '../moves.ts';
import { type Node, type State, taskAt } from '../state.ts';
import { NEVER, type Rule } from './rule.ts';

/** Tells tasks to stop that have run for too long. Those told to stop already have no clock any more. */
export const timeOutTasks: Rule = draft => {
  for (const { clocks } of draft.state.nodes) {
    for (const key of clocks) {
      if (timeoutAt(draft.state, key) > draft.at) break;
      stopTask(draft, taskAt(draft.state, key), 'timeout');
    }
  }
};

/** When the first task on this node times out. */
export const nextTimeoutAt = (state: State, { clocks: [longestRunning] }: Node): number =>
  longestRunning === undefined ? NEVER : timeoutAt(state, longestRunning);

/** The flags of today hold for tasks of yesterday too. */
const timeoutAt = (state: State, key: TaskKey): number => {
  const { taskTimeoutMs } = state.config;
  return taskTimeoutMs === 0 ? NEVER : (taskAt(state, key).startedAt ?? NEVER) + taskTimeoutMs;
};
