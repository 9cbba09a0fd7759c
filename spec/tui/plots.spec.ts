import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSample, area, type History, series } from '../../src/tui/plots.ts';

const START = 1_700_000_000_000;

const historyOf = (values: readonly number[], stepMs = 1_000): History =>
  values.reduce<History>(
    (history, busySlots, index) => addSample(history, { at: START + index * stepMs, busySlots, slots: 8, queuedTasks: 0 }),
    [],
  );

const busy = (sample: History[number]): number => sample.busySlots;

describe('a plot over time', () => {
  it('ends at the present, with a dot for each second while that fits', () => {
    const { values, spanMs } = series(historyOf([1, 2, 3]), busy, 2, START + 2_000);
    expect(values).toEqual([null, 1, 2, 3]);
    expect(spanMs).toBe(4_000);
  });

  it('shows more time per dot when it has been open for longer, and the highest value of that time', () => {
    const { values, spanMs } = series(historyOf([1, 2, 3, 9, 5, 6, 7]), busy, 2, START + 6_000);
    expect(values).toEqual([2, 9, 6, 7]);
    expect(spanMs).toBe(8_000);
  });

  it('has a gap where nothing was heard of the server', () => {
    const history = [...historyOf([4]), { at: START + 3_000, busySlots: 5, slots: 8, queuedTasks: 0 }];
    expect(series(history, busy, 2, START + 3_000).values).toEqual([4, null, null, 5]);
  });

  it('does not remember more than an hour', () => {
    const history = historyOf(
      Array.from({ length: 200 }, (_, index) => index),
      60_000,
    );
    expect(history.length).toBe(60);
    expect(history.at(-1)?.busySlots).toBe(199);
  });

  it('moves to the left without changing its heights', () => {
    const values = Array.from({ length: 90 }, (_, index) => (index * 7) % 11);
    const before = series(historyOf(values), busy, 10, START + 89_000).values;
    const after = series(historyOf(values), busy, 10, START + 94_000).values;
    expect(after.slice(0, -1)).toEqual(before.slice(1));
  });

  it('is drawn with eight heights on two rows', () => {
    expect(area([0, 1, 2, 3, 4, 5, 6, 7, 8, null], 8, 2)).toEqual(['  ⢀⣴⡇', '⢀⣴⣿⣿⡇']);
  });

  it('shows one among a thousand, and nothing for none', () => {
    expect(area([1, 0], 1_000, 1)).toEqual(['⡀']);
  });

  it('is as wide as asked for and never higher than its top', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 2, maxLength: 60 }), fc.integer({ min: 1, max: 30 }), (values, columns) => {
        const plotted = series(historyOf(values), busy, columns, START + (values.length - 1) * 1_000).values;
        const rows = area(plotted, 50, 3);
        return rows.length === 3 && rows.every(row => row.length === columns);
      }),
    );
  });
});
