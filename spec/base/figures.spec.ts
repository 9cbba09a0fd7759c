import { describe, expect, it } from 'vitest';
import { count, formatBytes, formatElapsed, percent } from '../../src/base/figures.ts';
import { hours, minutes, seconds } from '../cli/support/jobs.ts';

describe('figures', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [12_345_678, '12.3 MB'],
    [5e15, '5000.0 TB'],
  ])('show %d bytes as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [-seconds(5), '0s'],
    [seconds(59.9), '59s'],
    [minutes(1), '1m00s'],
    [seconds(72), '1m12s'],
    [hours(2) + minutes(3), '2h03m'],
    [hours(76), '3d04h'],
  ])('show %d ms as %s', (ms, text) => expect(formatElapsed(ms)).toBe(text));

  it.each([
    [0, '0 tasks'],
    [1, '1 task'],
    [1_204, '1,204 tasks'],
    [1_234_567, '1,234,567 tasks'],
  ])('count %d tasks as %s', (value, text) => expect(count(value, 'task')).toBe(text));

  it('say 100 % only when all is done', () => {
    expect(percent(299, 300)).toBe(99);
    expect(percent(300, 300)).toBe(100);
    expect(percent(0, 0)).toBe(0);
  });
});
