import type { Effect } from '../scheduler/effect.ts';
import type { Fact } from '../scheduler/fact.ts';
import type { Input, InputOf } from '../scheduler/input.ts';
import { narrateInput } from '../scheduler/narrate.ts';
import type { State } from '../scheduler/state.ts';
import { transition } from '../scheduler/transition.ts';
import { type Journal, JournalError } from './ports.ts';

/** What one turn of the loop came to. */
export type Turn = {
  readonly state: State;
  /** In the journal already. */
  readonly facts: readonly Fact[];
  readonly effects: readonly Effect[];
  /** Inputs that the journal could not take: they come first in the next turn. Empty while the journal is well. */
  readonly deferred: readonly Input[];
  /** Why, where something was deferred. */
  readonly failure: JournalError | null;
};

/** The turn before the first one. */
export const startingTurn = (state: State): Turn => ({ state, facts: [], effects: [], deferred: [], failure: null });

/**
 * Takes everything that arrived as one turn: one tick at its end, one write to the journal. When the journal can't take it,
 * nothing happened: submissions are refused, everything else waits for the next turn.
 */
export const takeTurn =
  (journal: Journal) =>
  (previous: Turn, arrived: readonly Input[]): Turn => {
    const inputs = [...previous.deferred, ...arrived];
    const decided = decide(previous.state, withTick(inputs));
    try {
      journal.append(decided.facts, decided.state);
      return { ...decided, deferred: [], failure: null };
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      return notTaken(previous.state, inputs, error);
    }
  };

/** Requests for a pass within one turn are one pass, at the end, when all that arrived is known. */
const withTick = (inputs: readonly Input[]): readonly Input[] => {
  const last = inputs.at(-1);
  return last === undefined ? [] : [...inputs.filter(input => input.type !== 'tick'), { type: 'tick', at: last.at }];
};

const decide = (start: State, inputs: readonly Input[]): Pick<Turn, 'state' | 'facts' | 'effects'> => {
  let state = start;
  const facts: Fact[] = [];
  const effects: Effect[] = [];
  for (const input of inputs) {
    const next = transitionOrBug(state, input);
    state = next.state;
    // Not `push(...next.facts)`: a spread of 100,000 arguments overflows the stack.
    for (const fact of next.facts) facts.push(fact);
    for (const effect of next.effects) effects.push(effect);
  }
  return { state, facts, effects };
};

const transitionOrBug = (state: State, input: Input): ReturnType<typeof transition> => {
  try {
    return transition(state, input);
  } catch (cause) {
    throw new Error(`the scheduler failed on: ${narrateInput(input)}`, { cause });
  }
};

const notTaken = (state: State, inputs: readonly Input[], failure: JournalError): Turn => ({
  state,
  facts: [],
  effects: inputs.flatMap(input => (input.type === 'jobSubmitted' ? [refuseSubmission(input, failure)] : [])),
  deferred: inputs.filter(input => input.type !== 'jobSubmitted' && input.type !== 'tick'),
  failure,
});

const refuseSubmission = ({ requestId }: InputOf<'jobSubmitted'>, failure: JournalError): Effect => ({
  type: 'answer',
  requestId,
  refusal: { type: 'notDurable', message: `the server can't store the job now, try again later: ${failure.message}` },
});
