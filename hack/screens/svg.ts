/** A terminal's screen as a picture: escape codes in, SVG out. */
import xterm from '@xterm/headless';
import stringWidth from 'string-width';

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
  terminal.unicode.register(PRESENT_DAY);
  terminal.unicode.activeVersion = PRESENT_DAY.version;
  await new Promise<void>(resolve => terminal.write(screen.replace(/\n$/, ''), resolve));
  const shapes = Array.from({ length: rows }, (_, row) => rowShapes(terminal, row, columns)).flat();
  const [width, height] = [columns * CELL_WIDTH + 2 * PADDING, rows * CELL_HEIGHT + 2 * PADDING];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="${FONT_SIZE}">`,
    // The edge sets it apart from a page that is dark as well.
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6" fill="${BACKGROUND}" stroke="#3d444d"/>`,
    ...shapes,
    '</svg>\n',
  ].join('\n');
};

/** Characters as wide as tmux has them: xterm's own table is of a time before most emoji. */
const PRESENT_DAY: xterm.IUnicodeVersionProvider = {
  version: 'present',
  wcwidth: codepoint => Math.min(2, stringWidth(String.fromCodePoint(codepoint))) as 0 | 1 | 2,
  // As xterm packs them: from the lowest bit, whether it joins the character before it, and in two bits its width.
  charProperties: (codepoint, preceding) => {
    const width = PRESENT_DAY.wcwidth(codepoint);
    const widthBefore = (preceding >> 1) & 3;
    return width === 0 && widthBefore > 0 ? (widthBefore << 1) | 1 : width << 1;
  },
};

const rowShapes = (terminal: xterm.Terminal, row: number, columns: number): readonly string[] => {
  const line = terminal.buffer.active.getLine(row);
  const runs = runsOf(Array.from({ length: columns }, (_, column) => line?.getCell(column)));
  return [...runs.flatMap(run => backgroundOf(run, row)), ...runs.flatMap(run => textOf(run, row))];
};

/** Neighbours that look alike. Each glyph that is not a plain letter has a place of its own: fonts disagree on their widths. */
type Run = { readonly columns: readonly number[]; readonly width: number; readonly text: string; readonly look: Look };
type Look = { readonly color: string; readonly background: string | null; readonly bold: boolean; readonly dim: boolean };

const runsOf = (cells: readonly (Cell | undefined)[]): readonly Run[] => {
  const runs: Run[] = [];
  for (const [column, cell] of cells.entries()) {
    if (cell === undefined || cell.getWidth() === 0) continue;
    const text = cell.getChars() || ' ';
    const run: Run = { columns: [column], width: cell.getWidth(), text, look: lookOf(cell) };
    const last = runs.at(-1);
    if (last !== undefined && goTogether(last, run)) runs[runs.length - 1] = together(last, run);
    else runs.push(run);
  }
  return runs;
};

const goTogether = (one: Run, other: Run): boolean =>
  sameLook(one.look, other.look) &&
  ((isPlain(one.text) && isPlain(other.text)) || (isPlaceable(one.text) && isPlaceable(other.text)));

const together = (one: Run, other: Run): Run => ({
  columns: [...one.columns, ...other.columns],
  width: one.width + other.width,
  text: one.text + other.text,
  look: one.look,
});

const isPlain = (text: string): boolean => /^[ -~]+$/.test(text);

/** A place is given to each UTF-16 unit: characters of two, and those that are joined, have to stand alone. */
const isPlaceable = (text: string): boolean => /^[\u00a1-\u02ff\u2010-\u2bff\u3000-\ud7ff]+$/.test(text);

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

const x = (column: number): string => (PADDING + column * CELL_WIDTH).toFixed(1);
const y = (row: number): number => PADDING + row * CELL_HEIGHT;

const backgroundOf = ({ columns: [column = 0], width, look }: Run, row: number): readonly string[] =>
  look.background === null
    ? []
    : [
        `<rect x="${x(column)}" y="${y(row)}" width="${(width * CELL_WIDTH + 0.3).toFixed(2)}" height="${CELL_HEIGHT}" fill="${look.background}"${look.dim ? ' opacity="0.6"' : ''}/>`,
      ];

const textOf = ({ columns, text, look }: Run, row: number): readonly string[] => {
  const style = `${look.bold ? ' font-weight="bold"' : ''}${look.dim && look.background === null ? ' opacity="0.6"' : ''}`;
  const element = (places: string, words: string): string =>
    `<text ${places} y="${y(row) + BASELINE}" fill="${look.color}"${style}>${escaped(words)}</text>`;
  if (!isPlain(text)) return [element(`x="${columns.map(x).join(' ')}"`, text)];
  // Spaces at an end, and several in a row, are nothing that every browser keeps.
  return Array.from(text.matchAll(/[^ ]+(?: [^ ]+)*/g), ({ 0: words, index }) =>
    element(`x="${x((columns[0] ?? 0) + index)}" textLength="${(words.length * CELL_WIDTH).toFixed(1)}"`, words),
  );
};

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
