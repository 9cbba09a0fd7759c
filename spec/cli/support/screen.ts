/** A terminal without a window: what is written to it can be read as the person in front of it would. */
import { Writable } from 'node:stream';
import xterm from '@xterm/headless';
import type { TerminalStream } from '../../../src/cli/io.ts';

export type Screen = {
  readonly stream: TerminalStream;
  /** The lines on the screen, those scrolled out included, without the empty ones at the end. */
  text(): Promise<string>;
  hasCursor(): Promise<boolean>;
  resize(columns: number, rows?: number): Promise<void>;
};

export const openScreen = ({ columns = 80, rows = 24 } = {}): Screen => {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
    terminal.write(chunk);
    done();
  };
  const stream = Object.assign(new Writable({ write }), { isTTY: true, columns, rows });
  let isCursorShown = true;
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, ([mode]) => {
    if (mode === 25) isCursorShown = true;
    return false;
  });
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, ([mode]) => {
    if (mode === 25) isCursorShown = false;
    return false;
  });

  /** Everything written so far is on the screen when this resolves. */
  const settle = (): Promise<void> => new Promise(resolve => terminal.write('', resolve));

  return {
    stream,
    text: async () => {
      await settle();
      const { active } = terminal.buffer;
      const lines = Array.from({ length: active.length }, (_, index) => active.getLine(index)?.translateToString(true) ?? '');
      return `\n${lines.join('\n').trimEnd()}\n`;
    },
    hasCursor: async () => {
      await settle();
      return isCursorShown;
    },
    resize: async (newColumns, newRows = rows) => {
      await settle();
      terminal.resize(newColumns, newRows);
      Object.assign(stream, { columns: newColumns, rows: newRows });
      stream.emit('resize');
    },
  };
};
