import type { Fact } from './fact.ts';
import type { State } from './state.ts';

/** The state with the fact in it: the only thing that changes state. Throws `InvariantError` when the fact does not fit. */
export const evolve = (state: State, _fact: Fact): State => state;
