/**
 * Lines at the bottom of a terminal that are redrawn in place, with lines that stay above them. Knows nothing of what is
 * drawn; a terminal only, never a pipe. Written here rather than taken from log-update because a terminal that is made narrower
 * wraps the lines that are on it: they then take more rows than were written, and those must be cleared too.
 */
import stringWidth from 'string-width';
import { hideCursor, showCursor } from './cursor.ts';
import type { TerminalStream } from './io.ts';

/** Terminals that know them show what is between the two at once; the others ignore them. */
const BEGIN_FRAME = '\u001b[?2026h';
const END_FRAME = '\u001b[?2026l';

const CLEAR_ROW = '\r\u001b[K';

export type LiveLines = {
  /** Replaces the lines shown, none of them wider than the terminal; what is `kept` stays above them, for good. */
  draw(lines: readonly string[], kept?: readonly string[]): void;
  /** Leaves what is shown on the screen and gives the cursor back. To be called on every way out. */
  end(): void;
};

export const openLiveLines = (stream: TerminalStream): LiveLines => {
  let shown: readonly string[] = [];

  const isShown = (lines: readonly string[]): boolean =>
    lines.length === shown.length && lines.every((line, index) => line === shown[index]);

  return {
    draw: (lines, kept = []) => {
      const visible = lastThatFit(lines, stream.rows ?? 24);
      if (kept.length === 0 && isShown(visible)) return;
      hideCursor(stream);
      const cleared = clearRows(rowsTaken(shown, stream.columns ?? 80));
      stream.write(BEGIN_FRAME + cleared + toRows(kept) + toRows(visible) + END_FRAME);
      shown = visible;
    },
    end: () => {
      // Where the terminal may have echoed a Ctrl+C.
      if (shown.length > 0) stream.write(CLEAR_ROW);
      shown = [];
      showCursor(stream);
    },
  };
};

const toRows = (lines: readonly string[]): string => lines.map(line => `${line}\n`).join('');

/** The cursor stands on the row below the lines; what is scrolled out at the top can't be redrawn. */
const lastThatFit = (lines: readonly string[], rows: number): readonly string[] => lines.slice(-Math.max(1, rows - 1));

const clearRows = (rows: number): string => (rows === 0 ? '' : `\u001b[${rows}A\r\u001b[J`);

/** Rows that lines take on a terminal whose width may have changed since they were written. */
const rowsTaken = (lines: readonly string[], columns: number): number =>
  lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(stringWidth(line) / columns)), 0);
