import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/base/duration.ts';

describe('a duration', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['+5s', 5_000],
    ['1h2m3.5s', 3_723_500],
    ['5h', 18_000_000],
    ['4320h', 15_552_000_000],
    ['.5s', 500],
    ['1.s', 1_000],
    ['1.001s', 1_001],
    ['0.0573h', 206_280],
    ['300ms', 300],
    ['5us', 0.005],
    ['5µs', 0.005],
    ['5μs', 0.005],
    ['7ns', 0.000007],
    ['1m1m', 120_000],
  ])('%s is %d ms, as in Go', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', ' ', '5', '1h 2m', '5 s', '5sec', 's', '.s', '.', '1h2', '1e3s', '5S', '+', '--5s', '1d', 'NaN', '5s\n'])(
    '%j is refused, with the text and what was expected',
    text => {
      expect(() => parseDuration(text)).toThrow(/is no duration: write numbers with units|is negative/);
    },
  );

  it('never lasts less than no time', () => {
    expect(() => parseDuration('-5s')).toThrow('"-5s" is negative: a duration is 0 or more');
  });

  it('is no longer than Go can count', () => {
    expect(parseDuration('2562047h')).toBe(2_562_047 * 3_600_000);
    expect(() => parseDuration('2562048h')).toThrow('too long');
    expect(() => parseDuration(`${'9'.repeat(400)}h`)).toThrow('too long');
  });

  it.each([
    [0, '0s'],
    [1_000, '1s'],
    [1_100, '1.1s'],
    [60_000, '1m0s'],
    [72_000, '1m12s'],
    [3_723_000, '1h2m3s'],
    [3_723_500, '1h2m3.5s'],
    [18_000_000, '5h0m0s'],
    [15_552_000_000, '4320h0m0s'],
    [300, '300ms'],
    [2.2, '2.2ms'],
    [0.0015, '1.5µs'],
    [0.000007, '7ns'],
    [-1_500, '-1.5s'],
  ])('of %d ms prints as %s, as in Go', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('reads as the same duration after it was printed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 43 }), ms => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 13 }), nanoseconds => {
        expect(parseDuration(formatDuration(nanoseconds / 1e6))).toBe(nanoseconds / 1e6);
      }),
    );
  });
});
