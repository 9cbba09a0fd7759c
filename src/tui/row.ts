/** A row of the screen as styled text: what `render` makes and `paint` puts on the terminal. */
import { PLAIN, type Style } from './style.ts';
import { clean, glyphsOf, isSingleColumns, widthOf } from './text.ts';

export type Span = { readonly text: string; readonly style: Style };

export type Row = readonly Span[];

/** The one door for text into a row: control characters stay outside. */
export const span = (text: string, style: Style = PLAIN): Span => ({ text: clean(text), style });

export const rowText = (row: Row): string => row.map(({ text }) => text).join('');

export const rowWidth = (row: Row): number => row.reduce((width, { text }) => width + widthOf(text), 0);

/** Exactly `width` columns: cut with `…`, or filled up with spaces on the other side of `align`. */
export const fitTo = (row: Row, width: number, align: 'left' | 'right' = 'left'): Row => {
  const clipped = clip(row, width);
  const missing = width - rowWidth(clipped);
  if (missing === 0) return clipped;
  const padding = { text: ' '.repeat(missing), style: PLAIN };
  return align === 'left' ? [...clipped, padding] : [padding, ...clipped];
};

/** `left`, then space, then `right`, `width` columns in all; the left side gives way. */
export const spread = (left: Row, right: Row, width: number): Row => {
  const kept = clip(right, width);
  return [...fitTo(left, Math.max(0, width - rowWidth(kept))), ...kept];
};

/** At most `width` columns; `…` stands for what is missing. */
const clip = (row: Row, width: number): Row => {
  if (rowWidth(row) <= width) return row;
  if (width < 1) return [];
  const kept = slice(row, 0, width - 1);
  return [...kept, { text: '…', style: kept.at(-1)?.style ?? PLAIN }];
};

/** The columns `from` up to but not including `to`; half of a wide glyph becomes a space. */
export const slice = (row: Row, from: number, to: number): Row => {
  const kept: Span[] = [];
  let column = 0;
  for (const { text, style } of row) {
    const width = widthOf(text);
    const part = slicePart(text, from - column, to - column);
    if (part !== '') kept.push({ text: part, style });
    column += width;
  }
  return kept;
};

const slicePart = (text: string, from: number, to: number): string => {
  if (isSingleColumns(text)) return text.slice(Math.max(0, from), Math.max(0, to));
  let part = '';
  let column = 0;
  for (const glyph of glyphsOf(text)) {
    const inside = Math.min(column + glyph.width, to) - Math.max(column, from);
    if (inside === glyph.width) part += glyph.text;
    else if (inside > 0) part += ' '.repeat(inside);
    column += glyph.width;
  }
  return part;
};

/** The same text, all of it in one style. */
export const restyle = (row: Row, style: Style): Row => row.map(({ text }) => ({ text, style }));

/** `box` laid over `row` from column `left` on; both keep their widths. */
export const overlay = (row: Row, box: Row, left: number): Row => {
  const right = left + rowWidth(box);
  return [...slice(row, 0, left), ...box, ...slice(row, right, Number.POSITIVE_INFINITY)];
};

export const sameRow = (one: Row, other: Row): boolean =>
  one === other ||
  (one.length === other.length &&
    one.every((part, index) => part.text === other[index]?.text && sameStyle(part.style, other[index].style)));

export const sameStyle = (one: Style, other: Style): boolean =>
  one === other ||
  (one.color === other.color &&
    Boolean(one.bold) === Boolean(other.bold) &&
    Boolean(one.dim) === Boolean(other.dim) &&
    Boolean(one.underline) === Boolean(other.underline) &&
    Boolean(one.inverse) === Boolean(other.inverse));
