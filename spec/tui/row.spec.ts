import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitTo, overlay, type Row, rowText, rowWidth, slice, span, spread } from '../../src/tui/row.ts';
import { clipMiddle, widthOf } from '../../src/tui/text.ts';

const words = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', ' ', '·', 'é', '家', '🎉', '👨‍👩‍👧', '⚙️', 'e\u0301', '\u001b', '\n', '\u202e'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 12,
});
const rows: fc.Arbitrary<Row> = fc.array(
  words.map(text => span(text)),
  { maxLength: 4 },
);
const widths = fc.integer({ min: 0, max: 40 });

describe('a row of the screen', () => {
  it('fills exactly the columns that it is given, whatever it holds', () => {
    fc.assert(fc.property(rows, widths, (row, width) => rowWidth(fitTo(row, width)) === width));
    fc.assert(fc.property(rows, widths, (row, width) => rowWidth(fitTo(row, width, 'right')) === width));
    fc.assert(fc.property(rows, rows, widths, (left, right, width) => rowWidth(spread(left, right, width)) === width));
  });

  it('keeps its width when it is cut in two', () => {
    fc.assert(
      fc.property(
        rows,
        widths,
        (row, at) => rowWidth(slice(row, 0, at)) + rowWidth(slice(row, at, Number.POSITIVE_INFINITY)) === rowWidth(row),
      ),
    );
  });

  it('keeps its width when a box is laid over it', () => {
    fc.assert(
      fc.property(
        rows,
        fc.integer({ min: 0, max: 30 }),
        (row, left) => rowWidth(overlay(fitTo(row, 40), [span('box')], left)) === 40,
      ),
    );
  });

  it('lets no control character in', () => {
    expect(rowText([span('red \u001b[31m\u0007 and\r\nback \u202egnol')])).toBe('red  [31m  and  back  gnol');
  });

  it('says with an ellipsis that something is missing', () => {
    expect(rowText(fitTo([span('integration')], 7))).toBe('integr…');
    expect(rowText(fitTo([span('家家家')], 4))).toBe('家 …');
    expect(rowText(fitTo([span('abc')], 3))).toBe('abc');
  });
});

describe('a long name', () => {
  it('keeps its beginning and its end, which tells it from its siblings', () => {
    expect(clipMiddle('integration-tests-splendid-woodpecker', 20)).toBe('integrati…woodpecker');
  });

  it('never takes more columns than there are', () => {
    fc.assert(
      fc.property(
        words.map(text => span(text).text),
        widths,
        (text, width) => widthOf(clipMiddle(text, width)) <= width,
      ),
    );
  });
});
