import { assignTasks } from '../rules/assign-tasks.ts';
import { endCooldowns } from '../rules/end-cooldowns.ts';
import { endIdleNodes } from '../rules/end-idle-nodes.ts';
import { finishDraining } from '../rules/finish-draining.ts';
import { giveUpSilentNodes } from '../rules/give-up-silent-nodes.ts';
import { provisionNodes } from '../rules/provision-nodes.ts';
import { releaseKeptTasks } from '../rules/release-kept-tasks.ts';
import { resizePool } from '../rules/resize-pool.ts';
import type { Rule } from '../rules/rule.ts';
import { startTasks } from '../rules/start-tasks.ts';
import { timeOutTasks } from '../rules/time-out-tasks.ts';
import type { Handler } from './handler.ts';

/**
 * In this order, one pass settles everything: a second tick at the same time finds nothing to do. What is kept no longer frees
 * slots, a cooldown that ends makes room in the pool, an assigned task needs no new node, a new node may be provisioned at once, and
 * only what is still free then is idle.
 */
const rules: readonly Rule[] = [
  timeOutTasks,
  releaseKeptTasks,
  endCooldowns,
  assignTasks,
  startTasks,
  resizePool,
  provisionNodes,
  giveUpSilentNodes,
  endIdleNodes,
  finishDraining,
];

/** A pass. */
export const tick: Handler<'tick'> = draft => {
  for (const rule of rules) rule(draft);
};
