/** Text as a terminal sees it: what a person takes for one character, and how many columns it fills. */
import stringWidth from 'string-width';

/** A character as a person counts them (with its accents, joined emoji as one) and the columns it takes: 1 or 2. */
export type Glyph = { readonly text: string; readonly width: number };

/**
 * Text of which every character is one column and joins with no other: Latin letters, and what frames, bars and plots are
 * drawn with. All but a little of a screen is such text, and needs no measuring.
 */
const SINGLE_COLUMNS = /^[ -~\u00a1-\u00ac\u00ae-\u02ff\u2013\u201c\u201d\u2026\u203a\u2500-\u25fc\u2713\u2717\u2800-\u28ff]*$/;

/** Whether a text has as many columns as characters. */
export const isSingleColumns = (text: string): boolean => SINGLE_COLUMNS.test(text);

/**
 * Control characters and those that turn the direction of writing: names and logs come from elsewhere, and what they hold
 * must not move the cursor, retitle the window or rearrange the row.
 */
const UNWANTED = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const segmenter = new Intl.Segmenter();

/** Widths of all else: measuring costs a hundred times a look-up, and a screen shows the same glyphs again and again. */
const widths = new Map<string, number>();
const MOST_WIDTHS = 4_096;

const measure = (glyph: string): number => {
  const known = widths.get(glyph);
  if (known !== undefined) return known;
  const width = stringWidth(glyph);
  if (widths.size >= MOST_WIDTHS) widths.clear();
  widths.set(glyph, width);
  return width;
};

/** One line without anything that a terminal would act upon. */
export const clean = (text: string): string => (isSingleColumns(text) ? text : text.replace(UNWANTED, ' '));

/** The glyphs of clean text; what takes no column of its own is left out. */
export const glyphsOf = (text: string): readonly Glyph[] => {
  if (isSingleColumns(text)) return Array.from(text, character => ({ text: character, width: 1 }));
  const glyphs: Glyph[] = [];
  for (const { segment } of segmenter.segment(text)) {
    const width = measure(segment);
    if (width > 0) glyphs.push({ text: segment, width });
  }
  return glyphs;
};

/** Columns that clean text takes. */
export const widthOf = (text: string): number => {
  if (isSingleColumns(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += measure(segment);
  return width;
};

/** The glyphs from the start that fit into `width` columns. */
const takeStart = (text: string, width: number): string => {
  let kept = '';
  let columns = 0;
  for (const glyph of glyphsOf(text)) {
    columns += glyph.width;
    if (columns > width) break;
    kept += glyph.text;
  }
  return kept;
};

const takeEnd = (text: string, width: number): string => {
  let kept = '';
  let columns = 0;
  for (const glyph of glyphsOf(text).toReversed()) {
    columns += glyph.width;
    if (columns > width) break;
    kept = glyph.text + kept;
  }
  return kept;
};

/** At most `width` columns; `…` stands for what is missing at the end. */
export const clipEnd = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text;
  return width < 1 ? '' : `${takeStart(text, width - 1)}…`;
};

/** At most `width` columns; `…` stands in the middle: of `integration-tests-brave-otter`, the end tells it from its siblings. */
export const clipMiddle = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text;
  if (width < 8) return clipEnd(text, width);
  const end = takeEnd(text, Math.ceil((width - 1) / 2));
  return `${takeStart(text, width - 1 - widthOf(end))}…${end}`;
};
