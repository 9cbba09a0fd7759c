/**
 * What to write so that a terminal that shows one frame shows the next: the cells that differ and nothing else, so that an
 * idle dashboard writes next to nothing and a busy one stays fluid over ssh. Pure; `screen` does the writing.
 */
import { type Row, sameRow, sameStyle } from './row.ts';
import { PLAIN, type Style, sgr } from './style.ts';
import { glyphsOf } from './text.ts';

export type Size = { readonly columns: number; readonly rows: number };

/** A full screen: as many rows as the size says, each exactly as wide. */
export type Frame = { readonly size: Size; readonly rows: readonly Row[] };

/** One column. The one after a wide glyph holds an empty text: its place is taken. */
type Cell = { readonly text: string; readonly width: number; readonly style: Style };

const BLANK: Cell = { text: ' ', width: 1, style: PLAIN };

const CLEAR = '\u001b[0m\u001b[2J';
const ERASE_TO_END_OF_ROW = '\u001b[K';

/** Terminals that know them show what is between the two at once, without tearing; the others ignore them. */
const BEGIN_FRAME = '\u001b[?2026h';
const END_FRAME = '\u001b[?2026l';

/** Equal cells are written again rather than skipped: moving the cursor over fewer than this costs more bytes than they do. */
const WORTH_SKIPPING = 8;

/** Empty when nothing differs. `before` is `null` when the screen's content is unknown. */
export const paint = (before: Frame | null, after: Frame, color: boolean): string => {
  const known = before !== null && sameSize(before.size, after.size) ? before : null;
  const changes = after.rows
    .map((row, index) => paintRow(known?.rows[index] ?? [], row, index, after.size.columns, color))
    .filter(Boolean);
  if (known !== null && changes.length === 0) return '';
  return `${BEGIN_FRAME}${known === null ? CLEAR : ''}${changes.join('')}${sgr(PLAIN, color)}${END_FRAME}`;
};

const sameSize = (one: Size, other: Size): boolean => one.columns === other.columns && one.rows === other.rows;

const paintRow = (before: Row, after: Row, index: number, columns: number, color: boolean): string => {
  if (sameRow(before, after)) return '';
  const cells = toCells(after, columns);
  const blankFrom = cells.findLastIndex(cell => !sameCell(cell, BLANK)) + 1;
  return runsToWrite(toCells(before, columns), cells, blankFrom)
    .map(run => writeRun(cells, run, blankFrom, index, color))
    .join('');
};

const toCells = (row: Row, columns: number): readonly Cell[] => {
  const cells: Cell[] = [];
  for (const { text, style } of row) {
    for (const glyph of glyphsOf(text)) {
      if (cells.length + glyph.width > columns) break;
      cells.push({ ...glyph, style });
      if (glyph.width === 2) cells.push({ text: '', width: 0, style });
    }
  }
  while (cells.length < columns) cells.push(BLANK);
  return cells;
};

const sameCell = (one: Cell, other: Cell | undefined): boolean =>
  other !== undefined && one.text === other.text && sameStyle(one.style, other.style);

/** The columns `from` up to but not including `to`. */
type Run = { readonly from: number; readonly to: number };

const runsToWrite = (before: readonly Cell[], after: readonly Cell[], blankFrom: number): readonly Run[] => {
  const runs = differingRuns(before, after);
  // A glyph that a terminal draws wider than we think spills over what is to its right: all of that is written again.
  const spilling = runs.findIndex(({ from, to }) => after.slice(from, to).some(isDoubtful));
  const safe =
    spilling === -1 ? runs : runs.with(spilling, { from: runs[spilling]?.from ?? 0, to: after.length }).slice(0, spilling + 1);
  // The first run that reaches into the blank end of the row erases all of it.
  const erasing = safe.findIndex(({ to }) => to > blankFrom);
  return erasing === -1 ? safe : safe.slice(0, erasing + 1);
};

const differingRuns = (before: readonly Cell[], after: readonly Cell[]): readonly Run[] => {
  const runs: Run[] = [];
  for (const [column, cell] of after.entries()) {
    if (sameCell(cell, before[column])) continue;
    const last = runs.at(-1);
    if (last !== undefined && column - last.to < WORTH_SKIPPING) runs[runs.length - 1] = { from: last.from, to: column + 1 };
    else runs.push({ from: column, to: column + 1 });
  }
  return runs;
};

const writeRun = (cells: readonly Cell[], { from, to }: Run, blankFrom: number, row: number, color: boolean): string => {
  let written = `\u001b[${row + 1};${from + 1}H`;
  let style: Style | null = null;
  for (const [offset, cell] of cells.slice(from, Math.min(to, blankFrom)).entries()) {
    if (cell.text === '') continue;
    if (style === null || !sameStyle(style, cell.style)) written += sgr(cell.style, color);
    style = cell.style;
    written += isDoubtful(cell) ? placed(cell, from + offset) : cell.text;
  }
  if (to <= blankFrom) return written;
  return `${written}${sgr(PLAIN, color)}${ERASE_TO_END_OF_ROW}`;
};

/** Terminals disagree on the width of emoji and of characters that are joined. */
const isDoubtful = ({ text, width }: Cell): boolean => width > 1 || text.length > 1;

/**
 * Both columns are cleared first and the cursor is told where to go on, so that a terminal of another opinion is wrong about
 * this one glyph and not about the rest of the row.
 */
const placed = ({ text, width }: Cell, column: number): string =>
  `${' '.repeat(width)}\u001b[${column + 1}G${text}\u001b[${column + 1 + width}G`;
