import type { Effect } from './effect.ts';
import type { Fact } from './fact.ts';
import type { Input } from './input.ts';
import type { State } from './state.ts';

/** What an input came to: the new state, the facts that it is folded from, and what the loop shall do once they are kept. */
export type Transition = {
  readonly state: State;
  readonly facts: readonly Fact[];
  readonly effects: readonly Effect[];
};

/**
 * Answers one input. Pure; throws `InvariantError` only where the program itself is wrong. Late, repeated and unknown
 * inputs are normal and change nothing. `serverStarted` answers with the effects that a crash cut short (`outstanding`):
 * the loop needs no step of its own for a restart.
 */
export const transition = (state: State, _input: Input): Transition => ({ state, facts: [], effects: [] });
