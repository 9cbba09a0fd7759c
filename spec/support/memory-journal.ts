import { type Journal, JournalError } from '../../src/engine/ports.ts';
import { evolve } from '../../src/scheduler/evolve.ts';
import type { Fact } from '../../src/scheduler/fact.ts';
import { initialState } from '../../src/scheduler/state.ts';

/** A journal that forgets when the process ends, and can be told to fail. */
export const createMemoryJournal = (facts: readonly Fact[] = []) => {
  const kept = [...facts];
  let isFull = false;
  const journal: Journal = {
    load: () => kept.reduce(evolve, initialState),
    append: added => {
      if (isFull) throw new JournalError('the disk is full');
      kept.push(...added);
    },
    close: () => {},
  };
  return {
    ...journal,
    facts: kept as readonly Fact[],
    fill: () => {
      isFull = true;
    },
    free: () => {
      isFull = false;
    },
  };
};
