/** The terminal's cursor: hidden while lines are redrawn, and given back whatever ends the program. */
import type { TerminalStream } from './io.ts';

const HIDE = '\u001b[?25l';
const SHOW = '\u001b[?25h';

const hiddenOn = new Set<TerminalStream>();

export const hideCursor = (stream: TerminalStream): void => {
  if (hiddenOn.has(stream)) return;
  hiddenOn.add(stream);
  stream.write(HIDE);
};

export const showCursor = (stream: TerminalStream): void => {
  if (hiddenOn.delete(stream)) stream.write(SHOW);
};

/** For the ends that pass no `finally`: `process.exit` and errors that nobody caught. */
export const showAllCursors = (): void => {
  for (const stream of hiddenOn) showCursor(stream);
};
