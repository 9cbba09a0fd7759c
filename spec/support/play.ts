import type { PublicEvent } from '../../src/domain/events.ts';
import type { Effect } from '../../src/scheduler/effect.ts';
import { evolve } from '../../src/scheduler/evolve.ts';
import type { Fact } from '../../src/scheduler/fact.ts';
import type { Input } from '../../src/scheduler/input.ts';
import { narrateEffect, narrateEvent, narrateInput } from '../../src/scheduler/narrate.ts';
import { nextDue } from '../../src/scheduler/next-due.ts';
import { publicEvents } from '../../src/scheduler/public-events.ts';
import { initialState, type State } from '../../src/scheduler/state.ts';
import { transition } from '../../src/scheduler/transition.ts';
import type { Untimed } from './builders.ts';

/** What a story is made of: something arrives, or time passes. */
export type Beat = Untimed | { readonly type: 'timePasses'; readonly ms: number };

/** So many seconds pass. What falls due meanwhile happens when it is due, as the loop's timer has it. */
export const after = (seconds: number): Beat => ({ type: 'timePasses', ms: seconds * 1_000 });

/** What came of a story. */
export type Played = {
  readonly state: State;
  readonly facts: readonly Fact[];
  readonly events: readonly PublicEvent[];
  readonly effects: readonly Effect[];
  /** `>` what arrived and when, `*` what users hear of it, `!` what the loop shall do. Wake-ups show where they do something. */
  readonly text: string;
};

/** Tells the scheduler a story, each input a turn of its own: with a tick behind it. */
export const play = (...beats: readonly Beat[]): Played => {
  const facts: Fact[] = [];
  const events: PublicEvent[] = [];
  const effects: Effect[] = [];
  const lines: string[] = [];
  let state = initialState;
  let now = 0;

  const take = (input: Input): void => {
    const next = transition(state, input);
    for (const fact of next.facts) {
      const heard = [...publicEvents(state, fact)];
      events.push(...heard);
      lines.push(...heard.map(event => `  * ${narrateEvent(event)}`));
      state = evolve(state, fact);
    }
    state = next.state;
    facts.push(...next.facts);
    effects.push(...next.effects);
    lines.push(...next.effects.map(effect => `  ! ${narrateEffect(effect)}`));
  };

  const turn = (input: Untimed): void => {
    lines.push(`${now / 1_000}s > ${narrateInput({ ...input, at: now } as Input)}`);
    take({ ...input, at: now } as Input);
    if (input.type !== 'tick') take({ type: 'tick', at: now });
  };

  const pass = (ms: number): void => {
    const until = now + ms;
    for (let due = nextDue(state); due !== null && due <= until; due = nextDue(state)) {
      now = Math.max(now, due);
      const before = facts.length;
      turn({ type: 'tick' });
      if (facts.length === before) throw new Error(`woken at ${now} ms for nothing`);
    }
    now = until;
  };

  for (const beat of beats) {
    if (beat.type === 'timePasses') pass(beat.ms);
    else turn(beat);
  }
  return { state, facts, events, effects, text: `\n${lines.join('\n')}\n` };
};

/** The story as text. */
export const tell = (...beats: readonly Beat[]): string => play(...beats).text;
