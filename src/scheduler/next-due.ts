import { cooldownEndAt } from './rules/end-cooldowns.ts';
import { idleEndAt } from './rules/end-idle-nodes.ts';
import { giveUpAt } from './rules/give-up-silent-nodes.ts';
import { provisionAt } from './rules/provision-nodes.ts';
import { releaseAt } from './rules/release-kept-tasks.ts';
import { NEVER } from './rules/rule.ts';
import { nextStartAt } from './rules/start-tasks.ts';
import { nextTimeoutAt } from './rules/time-out-tasks.ts';
import type { State } from './state.ts';

/**
 * When the next tick has something to do though nothing else happens (milliseconds since the epoch); `null`: never. After a
 * tick it lies in the future, before it perhaps in the past. The loop arms its one timer with it, anew every turn. Each rule
 * that waits for a time says itself for which.
 */
export const nextDue = (state: State): number | null => {
  let earliest = NEVER;
  for (const node of state.nodes) {
    earliest = Math.min(
      earliest,
      nextTimeoutAt(state, node),
      releaseAt(state, node),
      cooldownEndAt(state, node),
      nextStartAt(state, node),
      provisionAt(state, node),
      giveUpAt(state, node),
      idleEndAt(state, node),
    );
  }
  return earliest === NEVER ? null : earliest;
};
