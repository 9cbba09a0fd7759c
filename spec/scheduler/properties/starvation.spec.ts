import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Input } from '../../../src/scheduler/input.ts';
import { initialState } from '../../../src/scheduler/state.ts';
import { transition } from '../../../src/scheduler/transition.ts';
import { ends, narrow, provisioned, starts, submits, type Untimed } from '../../support/builders.ts';

const SLOTS = 4;
const LONGEST_MS = 60_000;

/**
 * How long a task as wide as a node waits while narrow ones, each of another length, never cease to come: `lengths` are
 * theirs, over and over.
 */
const waitOfTheWideOne = (nodes: number, lengths: readonly number[]): number => {
  let state = initialState;
  let now = 0;
  let started = 0;
  const agenda: { readonly at: number; readonly input: Untimed }[] = [];

  const take = (input: Untimed): void => {
    for (const each of [input, { type: 'tick' } as const]) {
      const next = transition(state, { ...each, at: now } as Input);
      state = next.state;
      for (const effect of next.effects) {
        if (effect.type === 'provisionNode') agenda.push({ at: now, input: provisioned(effect.nodeId) });
        if (effect.type !== 'runTask') continue;
        started += 1;
        const { jobId, index } = effect.run;
        agenda.push({ at: now + (lengths[started % lengths.length] ?? 0), input: ends(jobId, index) });
      }
    }
  };

  take(starts({ maxNodes: nodes, slotsPerNode: SLOTS }));
  take(submits('before', narrow(nodes * SLOTS)));
  take(submits('wide', [SLOTS]));
  take(submits('behind', narrow(5_000)));
  while (![...state.tasks.values()].some(({ jobId }) => jobId === 'wide')) {
    agenda.sort((a, b) => a.at - b.at);
    const next = agenda.shift();
    if (next === undefined) throw new Error('nothing runs, and the wide task waits');
    now = next.at;
    take(next.input);
  }
  return now;
};

it('lets a wide task wait for one node to drain, however many narrow ones come behind it', () => {
  const lengths = fc.array(fc.integer({ min: 1_000, max: LONGEST_MS }), { minLength: 1, maxLength: 40, size: 'max' });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), lengths, (nodes, each) => {
      expect(waitOfTheWideOne(nodes, each)).toBeLessThanOrEqual(2 * LONGEST_MS);
    }),
    { numRuns: 100 },
  );
}, 60_000);
