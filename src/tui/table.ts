/** A list as rows: a heading that says what it is and whether the keys act upon it, then the items around the chosen one. */
import { amount } from '../base/figures.ts';
import { place } from './cursor.ts';
import { fitTo, type Row, restyle, rowWidth, type Span, slice, span } from './row.ts';
import { DIM, type Style } from './style.ts';
import type { ListView } from './view-model.ts';

export type Column<Item> = {
  readonly title: string;
  readonly width: number;
  readonly align?: 'left' | 'right';
  readonly cell: (item: Item) => Row;
};

export type Table<Item extends { readonly key: string }> = {
  readonly list: ListView<Item>;
  readonly columns: readonly Column<Item>[];
  /** Columns of the screen. */
  readonly width: number;
  /** Rows beneath the heading. */
  readonly height: number;
  /** What to say where there is no item at all. */
  readonly whenEmpty: string;
};

/** Space between two columns: on a wide screen the eye needs more of it, on a narrow one the names do. */
const gapOn = (width: number): number => (width < 110 ? 1 : 2);

/** Space before the first column and after the last. */
export const MARGIN = 1;

const ACTIVE_HEADING: Style = { inverse: true, bold: true, color: 'cyan' };
const QUIET_HEADING: Style = { inverse: true, dim: true };
const CHOSEN: Style = { inverse: true, bold: true };

/** One row for the heading and `height` for the items. */
export const tableRows = <Item extends { readonly key: string }>(table: Table<Item>): readonly Row[] => {
  const { list, columns, width, height } = table;
  const { index, top } = place(list.cursor, { keys: list.items.map(({ key }) => key), height });
  const rows = list.items.slice(top, top + height).map((item, line) => {
    const row = inColumns(columns, column => column.cell(item), width);
    return list.isActive && top + line === index ? restyle(row, CHOSEN) : row;
  });
  const body = list.items.length === 0 && height > 0 ? [emptyRow(table)] : rows;
  return [heading(table, top), ...body, ...blankRows(height - body.length, width)];
};

export const blankRows = (count: number, width: number): readonly Row[] =>
  Array.from({ length: Math.max(0, count) }, () => fitTo([], width));

const inColumns = <Item>(columns: readonly Column<Item>[], content: (column: Column<Item>) => Row, width: number): Row => {
  const cells = columns.flatMap((column, index): readonly Span[] => [
    span(' '.repeat(index === 0 ? MARGIN : gapOn(width))),
    ...fitTo(content(column), column.width, column.align),
  ]);
  return fitTo(cells, width);
};

/** `JOBS 3/12  WHO …        /deploy  1–10`: how many there are, how many of them the filter leaves, which are on the screen. */
const heading = <Item extends { readonly key: string }>({ list, columns, width, height }: Table<Item>, top: number): Row => {
  const { items, filter, total, isActive } = list;
  const figures = filter === '' ? amount(total) : `${amount(items.length)}/${amount(total)}`;
  const titles = inColumns(columns, ({ title }) => [span(title === columns[0]?.title ? `${title} ${figures}` : title)], width);
  const asked = filter === '' ? '' : ` /${filter} `;
  const shown = items.length > height && height > 0 ? ` ${top + 1}–${Math.min(top + height, items.length)} ` : '';
  const note = [span(asked + shown)];
  const row = [...slice(titles, 0, Math.max(0, width - rowWidth(note))), ...note];
  return restyle(fitTo(row, width), isActive ? ACTIVE_HEADING : QUIET_HEADING);
};

const emptyRow = <Item extends { readonly key: string }>({ list, whenEmpty, width }: Table<Item>): Row => {
  const text = list.total > 0 ? `Nothing holds “${list.filter}”. Esc shows all ${list.total} again.` : whenEmpty;
  return fitTo([span(' '.repeat(MARGIN)), span(text, DIM)], width);
};

/** What is left of a screen's width for one more column beside those of these widths. */
export const widthLeft = (width: number, others: readonly number[]): number =>
  Math.max(0, width - 2 * MARGIN - others.reduce((sum, other) => sum + other + gapOn(width), 0));

/** As wide as its widest content and its title, within limits: columns that fitTo, and that do not jump at every refresh. */
export const widthFor = (contents: readonly string[], least: number, most: number): number =>
  Math.min(
    most,
    contents.reduce((widest, content) => Math.max(widest, rowWidth([{ text: content, style: DIM }])), least),
  );
