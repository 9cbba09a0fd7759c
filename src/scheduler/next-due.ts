import { idleEndAt } from './rules/end-idle-nodes.ts';
import { nextProvisionAt } from './rules/provision-nodes.ts';
import { nextStartAt } from './rules/start-tasks.ts';
import { nextTimeoutAt } from './rules/time-out-tasks.ts';
import type { Node, State } from './state.ts';

/**
 * When the next tick has something to do though nothing else happens (milliseconds since the epoch); `null`: never. After a
 * tick it lies in the future, before it perhaps in the past. The loop arms its one timer with it, anew every turn. Each rule
 * that waits for a time says itself for which.
 */
export const nextDue = (state: State): number | null => {
  let earliest: number | null = null;
  for (const node of state.nodes) {
    for (const due of dueTimes(state, node)) if (due !== null && (earliest === null || due < earliest)) earliest = due;
  }
  return earliest;
};

const dueTimes = (state: State, node: Node): readonly (number | null)[] => [
  node.state === 'queued' ? nextProvisionAt(state) : null,
  node.retryAt,
  nextStartAt(state, node),
  nextTimeoutAt(state, node),
  idleEndAt(state, node),
];
