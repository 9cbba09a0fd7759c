import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { cut, oneLine } from '../../src/cli/text.ts';

describe('text from elsewhere', () => {
  it('becomes one line that can not steer the terminal', () => {
    expect(oneLine('pull failed:\n\u001b[2J\u001b[31mno such\u0007 image\r\n')).toBe('pull failed: no such  image');
  });

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
