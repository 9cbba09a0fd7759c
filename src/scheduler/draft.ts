import type { Effect } from './effect.ts';
import { evolve } from './evolve.ts';
import type { Fact, FactBody } from './fact.ts';
import type { State } from './state.ts';

/** A transition in the making: handlers and rules read `state` and say what follows; none of them changes state itself. */
export type Draft = {
  /** When the input arrived: the only time there is. */
  readonly at: number;
  /** With every fact so far in it. */
  readonly state: State;
  readonly facts: readonly Fact[];
  readonly effects: readonly Effect[];
  emit(body: FactBody): void;
  order(effect: Effect): void;
};

export const draftOf = (start: State, at: number): Draft => {
  const facts: Fact[] = [];
  const effects: Effect[] = [];
  let state = start;
  return {
    at,
    get state() {
      return state;
    },
    facts,
    effects,
    emit: body => {
      const fact: Fact = { ...body, at };
      state = evolve(state, fact);
      facts.push(fact);
    },
    order: effect => {
      effects.push(effect);
    },
  };
};
