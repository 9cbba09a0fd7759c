import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstOf, isQueuedIn, newLane, queuedIn, withoutAll, withoutFirst, withReturned } from '../../src/scheduler/lane.ts';

describe('a lane', () => {
  it('is a plain sorted list to whoever takes, cancels and returns', () => {
    const step = fc.oneof(
      fc.constant({ type: 'take' as const }),
      fc.record({ type: fc.constant('cancel' as const), picks: fc.array(fc.nat({ max: 20 }), { maxLength: 4 }) }),
      fc.record({ type: fc.constant('giveBack' as const), pick: fc.nat({ max: 20 }) }),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat({ max: 40 }), { maxLength: 20 }),
        fc.array(step, { maxLength: 40, size: 'max' }),
        (numbers, steps) => {
          const indexes = numbers.toSorted((a, b) => a - b);
          let lane = newLane(2, indexes);
          let plain: readonly number[] = indexes;
          const taken = new Set<number>();
          for (const each of steps) {
            if (each.type === 'take' && plain[0] !== undefined) {
              taken.add(plain[0]);
              plain = plain.slice(1);
              lane = withoutFirst(lane);
            }
            if (each.type === 'cancel') {
              const dropped = new Set(each.picks.flatMap(pick => plain[pick] ?? []));
              plain = plain.filter(index => !dropped.has(index));
              lane = withoutAll(lane, dropped);
            }
            const back = each.type === 'giveBack' ? [...taken][each.pick] : undefined;
            if (back !== undefined) {
              taken.delete(back);
              plain = [...plain, back].sort((a, b) => a - b);
              lane = withReturned(lane, back);
            }
            expect(queuedIn(lane)).toEqual(plain);
            expect(firstOf(lane)).toBe(plain[0]);
            for (const index of indexes) expect(isQueuedIn(lane, index)).toBe(plain.includes(index));
          }
        },
      ),
    );
  });

  it('forgets what was cancelled once the cursor has passed it', () => {
    const lane = withoutAll(newLane(1, [0, 1, 2, 3]), new Set([1, 2]));
    expect(lane.gone.size).toBe(2);
    expect(withoutFirst(lane)).toMatchObject({ next: 3, gone: newLane(1, []).gone });
  });
});
