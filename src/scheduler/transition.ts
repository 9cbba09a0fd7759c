import { type Draft, draftOf } from './draft.ts';
import type { Effect } from './effect.ts';
import type { Fact } from './fact.ts';
import type { Handler } from './handlers/handler.ts';
import { jobCancelled } from './handlers/job-cancelled.ts';
import { jobSubmitted } from './handlers/job-submitted.ts';
import { nodeLost } from './handlers/node-lost.ts';
import { nodeProvisioned } from './handlers/node-provisioned.ts';
import { nodeProvisioningFailed } from './handlers/node-provisioning-failed.ts';
import { nodeReachable } from './handlers/node-reachable.ts';
import { nodeTerminated } from './handlers/node-terminated.ts';
import { nodeTerminationFailed } from './handlers/node-termination-failed.ts';
import { nodeUnreachable } from './handlers/node-unreachable.ts';
import { serverStarted } from './handlers/server-started.ts';
import { shutdownRequested } from './handlers/shutdown-requested.ts';
import { taskCancelled } from './handlers/task-cancelled.ts';
import { taskEnded } from './handlers/task-ended.ts';
import { tick } from './handlers/tick.ts';
import type { Input } from './input.ts';
import { closeJobs } from './rules/close-jobs.ts';
import type { State } from './state.ts';

/** What an input came to: the new state, the facts that it is folded from, and what the loop shall do once they are kept. */
export type Transition = {
  readonly state: State;
  readonly facts: readonly Fact[];
  readonly effects: readonly Effect[];
};

/**
 * Answers one input. Pure. Late, repeated and unknown inputs are normal and change nothing; a throw is a bug, never an
 * outcome. Handlers say what the input means; what follows waits for the next tick, but for the closing of jobs. After a
 * crash, `serverStarted` answers with the effects that were cut short.
 */
export const transition = (state: State, input: Input): Transition => {
  const draft = draftOf(state, input.at);
  // The table is checked entry by entry; that an input meets the handler of its own type is what indexing it means.
  (handlers[input.type] as (draft: Draft, input: Input) => void)(draft, input);
  closeJobs(draft);
  return { state: draft.state, facts: draft.facts, effects: draft.effects };
};

const handlers: { readonly [Type in Input['type']]: Handler<Type> } = {
  serverStarted,
  jobSubmitted,
  jobCancelled,
  taskCancelled,
  tick,
  nodeProvisioned,
  nodeProvisioningFailed,
  nodeTerminated,
  nodeTerminationFailed,
  nodeLost,
  nodeUnreachable,
  nodeReachable,
  taskEnded,
  shutdownRequested,
};
