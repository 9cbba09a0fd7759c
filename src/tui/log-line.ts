/** A line of a log as a row: its time apart, its colours kept, everything else that terminals act upon left out. */
import { formatTime } from '../base/figures.ts';
import { type Row, span } from './row.ts';
import { type Color, DIM, PLAIN, type Style } from './style.ts';

/** What `tail -v` writes above each file. */
const FILE_HEADER = /^==> .* <==$/;

/** The time that Docker puts before each line. */
const TIMESTAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) /;

const TAB_WIDTH = 8;

export const logRow = (line: string): Row => {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  if (FILE_HEADER.test(text)) return [span(text, { bold: true })];
  const timestamp = TIMESTAMP.exec(text)?.[1];
  if (timestamp === undefined) return outputRow(text);
  return [span(`${formatTime(Date.parse(timestamp))} `, DIM), ...outputRow(text.slice(timestamp.length + 1))];
};

/** Progress bars write over their own line again and again: the last state is what a terminal would show. */
const outputRow = (output: string): Row => coloured(output.slice(output.lastIndexOf('\r') + 1));

/** The sequences that terminals act upon. Only the first kind is understood here; none is passed on. */
const COLOURS = String.raw`\x1b\[([0-9;]*)m`;
const CONTROL_SEQUENCE = String.raw`\x1b\[[0-?]*[ -\/]*[@-~]`;
/** Window titles, links and the like, up to their end: what they hold is no text to be shown. */
const COMMAND_STRING = String.raw`\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)`;
const OTHER_ESCAPE = String.raw`\x1b[ -\/]*[0-~]?`;
const ESCAPE = new RegExp([COLOURS, CONTROL_SEQUENCE, COMMAND_STRING, OTHER_ESCAPE].join('|'), 'g');

const coloured = (text: string): Row => {
  const row: Row[number][] = [];
  let style = PLAIN;
  let column = 0;
  const push = (part: string): void => {
    if (part === '') return;
    const expanded = expandTabs(part, column);
    column += expanded.length;
    row.push(span(expanded, style));
  };
  let end = 0;
  for (const match of text.matchAll(ESCAPE)) {
    push(text.slice(end, match.index));
    end = match.index + match[0].length;
    if (match[1] !== undefined) style = applyCodes(style, match[1]);
  }
  push(text.slice(end));
  return row;
};

/** Wide characters before a tab put it off by a column or two: nothing hangs on that. */
const expandTabs = (text: string, from: number): string => {
  let expanded = '';
  for (const [index, part] of text.split('\t').entries()) {
    if (index > 0) expanded += ' '.repeat(TAB_WIDTH - ((from + expanded.length) % TAB_WIDTH));
    expanded += part;
  }
  return expanded;
};

/** By their number from 30 on; black and white are left to the terminal's own, which can be read on its background. */
const COLORS: readonly (Color | undefined)[] = [undefined, 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', undefined];

const applyCodes = (style: Style, parameters: string): Style => {
  const codes = parameters.split(';').map(Number);
  let next = style;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    // Colours of 256 or of millions take parameters of their own; what they look like in 16 is anyone's guess.
    if (code === 38 || code === 48) index += codes[index + 1] === 5 ? 2 : 4;
    else next = applyCode(next, code);
  }
  return next;
};

const applyCode = (style: Style, code: number): Style => {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 4) return { ...style, underline: true };
  if (code === 7) return { ...style, inverse: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 24) return { ...style, underline: false };
  if (code === 27) return { ...style, inverse: false };
  const number = code >= 90 ? code - 90 : code - 30;
  if (code === 39 || (number >= 0 && number <= 7)) return withColor(style, COLORS[number]);
  return style;
};

const withColor = ({ color: _before, ...style }: Style, color: Color | undefined): Style =>
  color === undefined ? style : { ...style, color };
