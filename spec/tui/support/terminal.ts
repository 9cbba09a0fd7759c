/** A terminal with nobody in front of it: streams for the dashboard on one side, cells and modes to be looked at on the other. */
import { PassThrough } from 'node:stream';
import xterm from '@xterm/headless';
import type { TerminalInput, TerminalOutput } from '../../../src/tui/screen.ts';

export type Cell = {
  readonly text: string;
  /** 0 to 15, or `null` for the terminal's own. */
  readonly color: number | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly inverse: boolean;
};

export type TestTerminal = {
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  /** As a keyboard sends it. */
  type(bytes: string): void;
  resize(columns: number, rows: number): void;
  /** What is on the screen, once all that was written has arrived. */
  text(): Promise<string>;
  /** The first cell of the first place where `text` stands. */
  cellOf(text: string): Promise<Cell>;
  isAlternate(): Promise<boolean>;
  hasCursor(): Promise<boolean>;
  /** Whether keys come one by one, unechoed. */
  isRaw(): boolean;
  bytesWritten(): number;
};

const KEYS = {
  up: '\u001b[A',
  down: '\u001b[B',
  enter: '\r',
  escape: '\u001b',
  tab: '\t',
  pagedown: '\u001b[6~',
  end: '\u001b[F',
};

/** What a keyboard sends for a key. */
export const keyboard = (name: keyof typeof KEYS): string => KEYS[name];

export const openTerminal = ({ columns = 80, rows = 24 } = {}): TestTerminal => {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const raw = { isOn: false };
  const stdin = Object.assign(new PassThrough(), {
    isRaw: false,
    setRawMode: (isOn: boolean) => {
      raw.isOn = isOn;
    },
  });
  const stdout = Object.assign(new PassThrough(), { columns, rows });
  let bytesWritten = 0;
  stdout.on('data', (chunk: Buffer) => {
    bytesWritten += chunk.length;
    terminal.write(chunk);
  });

  let isCursorShown = true;
  for (const [final, isShown] of [
    ['h', true],
    ['l', false],
  ] as const) {
    terminal.parser.registerCsiHandler({ prefix: '?', final }, ([mode]) => {
      if (mode === 25) isCursorShown = isShown;
      return false;
    });
  }

  const settle = async (): Promise<void> => {
    await new Promise(resolve => setImmediate(resolve));
    await new Promise<void>(resolve => terminal.write('', resolve));
  };
  const lines = (): readonly string[] =>
    Array.from({ length: terminal.rows }, (_, row) => terminal.buffer.active.getLine(row)?.translateToString(true) ?? '');

  return {
    // The stub has the two members of a terminal that the dashboard uses.
    stdin: stdin as unknown as TerminalInput,
    stdout: stdout as unknown as TerminalOutput,
    type: bytes => void stdin.write(bytes),
    resize: (newColumns, newRows) => {
      terminal.resize(newColumns, newRows);
      Object.assign(stdout, { columns: newColumns, rows: newRows });
      stdout.emit('resize');
    },
    text: async () => {
      await settle();
      return `${lines().join('\n')}\n`;
    },
    cellOf: async text => {
      await settle();
      return cellAt(terminal, text);
    },
    isAlternate: async () => {
      await settle();
      return terminal.buffer.active.type === 'alternate';
    },
    hasCursor: async () => {
      await settle();
      return isCursorShown;
    },
    isRaw: () => raw.isOn,
    bytesWritten: () => bytesWritten,
  };
};

const cellAt = (terminal: InstanceType<typeof xterm.Terminal>, text: string): Cell => {
  const { active } = terminal.buffer;
  for (let row = 0; row < terminal.rows; row++) {
    const line = active.getLine(row);
    const index = line?.translateToString(true).indexOf(text) ?? -1;
    if (line === undefined || index === -1) continue;
    // Wide characters fill two cells and are one in the text: the cell is where the text up to it ends.
    let column = 0;
    while (line.translateToString(true, 0, column).length < index) column++;
    const cell = line.getCell(column);
    if (cell === undefined) break;
    return {
      text: cell.getChars(),
      color: cell.isFgDefault() ? null : cell.getFgColor(),
      bold: cell.isBold() !== 0,
      dim: cell.isDim() !== 0,
      inverse: cell.isInverse() !== 0,
    };
  }
  throw new Error(`${JSON.stringify(text)} is not on the screen`);
};
