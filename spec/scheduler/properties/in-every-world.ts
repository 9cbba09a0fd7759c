import fc from 'fast-check';
import { vi } from 'vitest';
import type { PublicEvent } from '../../../src/domain/events.ts';
import { evolve } from '../../../src/scheduler/evolve.ts';
import type { Fact } from '../../../src/scheduler/fact.ts';
import { publicEvents } from '../../../src/scheduler/public-events.ts';
import { initialState, type State } from '../../../src/scheduler/state.ts';
import { type Chronicle, calmWorlds, live, type World, wildWorlds } from '../../support/worlds.ts';

/** So many worlds for each property: seconds for all of them together. What fails prints its seed. */
const WORLDS = 100;

// On a machine that is busy with other things, the worlds take their time.
vi.setConfig({ testTimeout: 60_000 });

const check = (worlds: fc.Arbitrary<World>, property: (chronicle: Chronicle, world: World) => void): void =>
  fc.assert(
    fc.property(worlds, world => {
      property(live(world), world);
    }),
    { numRuns: WORLDS },
  );

/** Also in those where the server dies, and is started again with other flags. */
export const inEveryWorld = (property: (chronicle: Chronicle, world: World) => void): void => check(wildWorlds, property);

/** Where the server lives on. */
export const inCalmWorlds = (property: (chronicle: Chronicle, world: World) => void): void => check(calmWorlds, property);

/** Every fact with the state before it and after it. */
export function* steps(facts: readonly Fact[]): Iterable<{ readonly before: State; readonly fact: Fact; readonly after: State }> {
  let before = initialState;
  for (const fact of facts) {
    const after = evolve(before, fact);
    yield { before, fact, after };
    before = after;
  }
}

export const eventsOf = (facts: readonly Fact[]): readonly PublicEvent[] =>
  [...steps(facts)].flatMap(({ before, fact }) => [...publicEvents(before, fact)]);

/** For comparing what has no order. */
export const sorted = <Text extends string>(texts: Iterable<Text>): readonly Text[] =>
  [...texts].sort((a, b) => Number(a > b) - Number(a < b));
