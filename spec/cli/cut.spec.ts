import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { cut } from '../../src/cli/cut.ts';

describe('a line that must fit', () => {
  it.each([
    ['short', 10, 'short'],
    ['exactly ten', 11, 'exactly ten'],
    ['one too many', 11, 'one too ma…'],
    ['日本語テスト', 7, '日本語…'],
    ['日本語テスト', 6, '日本…'],
    ['👩‍👩‍👧‍👦 family', 5, '👩‍👩‍👧‍👦 f…'],
    ['anything', 1, '…'],
    ['anything', 0, ''],
  ])('%j is cut to %d columns as %j', (text, width, expected) => expect(cut(text, width)).toBe(expected));

  it('is never wider than it may be', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, width) => {
        expect(stringWidth(cut(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});
