/** A terminal's screen as a picture: escape codes in, SVG out. */
import xterm from '@xterm/headless';

export type Size = { readonly columns: number; readonly rows: number };

type Cell = NonNullable<ReturnType<NonNullable<ReturnType<xterm.Terminal['buffer']['active']['getLine']>>['getCell']>>;

/** Of One Half Dark, a theme that many people use. By number, as terminals count their colours. */
const PALETTE = [
  '#282c34',
  '#e06c75',
  '#98c379',
  '#e5c07b',
  '#61afef',
  '#c678dd',
  '#56b6c2',
  '#dcdfe4',
  '#5d677a',
  '#ff7b86',
  '#b5e890',
  '#ffd68a',
  '#82c8ff',
  '#e19bff',
  '#7fe0ec',
  '#ffffff',
] as const;
const TEXT = '#dcdfe4';
const BACKGROUND = '#16181d';

const FONT_SIZE = 14;
const CELL_WIDTH = 8.43;
const CELL_HEIGHT = 17;
const BASELINE = 13;
const PADDING = 10;

/** `screen`: what `tmux capture-pane -e` prints. */
export const toSvg = async (screen: string, { columns, rows }: Size): Promise<string> => {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  await new Promise<void>(resolve => terminal.write(screen.replace(/\n$/, ''), resolve));
  const shapes = Array.from({ length: rows }, (_, row) => rowShapes(terminal, row, columns)).flat();
  const [width, height] = [columns * CELL_WIDTH + 2 * PADDING, rows * CELL_HEIGHT + 2 * PADDING];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="${FONT_SIZE}" xml:space="preserve">`,
    `<rect width="100%" height="100%" rx="6" fill="${BACKGROUND}"/>`,
    ...shapes,
    '</svg>\n',
  ].join('\n');
};

const rowShapes = (terminal: xterm.Terminal, row: number, columns: number): readonly string[] => {
  const line = terminal.buffer.active.getLine(row);
  const runs = runsOf(Array.from({ length: columns }, (_, column) => line?.getCell(column)));
  return runs.flatMap(run => [...backgroundOf(run, row), ...textOf(run, row)]);
};

/** Neighbours that look alike. Each glyph that is not a plain letter stands alone: fonts disagree on their widths. */
type Run = { readonly column: number; readonly width: number; readonly text: string; readonly look: Look };
type Look = { readonly color: string; readonly background: string | null; readonly bold: boolean; readonly dim: boolean };

const runsOf = (cells: readonly (Cell | undefined)[]): readonly Run[] => {
  const runs: Run[] = [];
  for (const [column, cell] of cells.entries()) {
    if (cell === undefined || cell.getWidth() === 0) continue;
    const text = cell.getChars() || ' ';
    const run = { column, width: cell.getWidth(), text, look: lookOf(cell) };
    const last = runs.at(-1);
    if (last !== undefined && isPlain(last.text) && isPlain(text) && sameLook(last.look, run.look)) {
      runs[runs.length - 1] = { ...last, width: last.width + run.width, text: last.text + text };
    } else runs.push(run);
  }
  return runs;
};

const isPlain = (text: string): boolean => /^[ -~]+$/.test(text);

const sameLook = (one: Look, other: Look): boolean =>
  one.color === other.color && one.background === other.background && one.bold === other.bold && one.dim === other.dim;

const lookOf = (cell: Cell): Look => {
  const color = cell.isFgDefault() ? TEXT : (PALETTE[cell.getFgColor()] ?? TEXT);
  const isInverse = cell.isInverse() !== 0;
  return {
    color: isInverse ? BACKGROUND : color,
    background: isInverse ? color : null,
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
  };
};

const x = (column: number): string => (PADDING + column * CELL_WIDTH).toFixed(2);
const y = (row: number): number => PADDING + row * CELL_HEIGHT;

const backgroundOf = ({ column, width, look }: Run, row: number): readonly string[] =>
  look.background === null
    ? []
    : [
        `<rect x="${x(column)}" y="${y(row)}" width="${(width * CELL_WIDTH + 0.3).toFixed(2)}" height="${CELL_HEIGHT}" fill="${look.background}"${look.dim ? ' opacity="0.6"' : ''}/>`,
      ];

const textOf = ({ column, width, text, look }: Run, row: number): readonly string[] => {
  if (text.trim() === '') return [];
  const style = `${look.bold ? ' font-weight="bold"' : ''}${look.dim && look.background === null ? ' opacity="0.6"' : ''}`;
  const fitted = isPlain(text) ? ` textLength="${(width * CELL_WIDTH).toFixed(2)}"` : '';
  return [`<text x="${x(column)}" y="${y(row) + BASELINE}" fill="${look.color}"${style}${fitted}>${escaped(text)}</text>`];
};

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
