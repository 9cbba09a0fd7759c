import type { LogFrame } from './log-frames.ts';

/** Puts the engine's log messages together to the text of a log file. */
export type LineJoiner = {
  /** What the frame adds to the file; may be nothing yet. */
  push(frame: LogFrame): readonly Uint8Array[];
  /** What is left when no frame will follow. */
  end(): readonly Uint8Array[];
};

/** Length of the pieces into which the engine cuts a long line. A shorter piece without a newline is the end of its stream. */
const PIECE_BYTES = 16 * 1024;

/** How much of the other stream waits for the end of a long line before the line is broken for it. */
const HELD_BYTES = 1024 * 1024;

const NEWLINE = Buffer.from('\n');
const NEWLINE_BYTE = 0x0a;
const SPACE_BYTE = 0x20;

type OpenLine = {
  readonly stream: LogFrame['stream'];
  readonly timestamp: string;
  readonly pieces: number;
  readonly mayGoOn: boolean;
};

/**
 * Joins the pieces of long lines, so that the file has one timestamp per line, and keeps the two streams' lines apart. What comes
 * out depends on the frames alone, not on how they arrive: reading a log again gives the same bytes, so a file can be continued at
 * its length.
 *
 * The pieces of one line carry one timestamp. While a line of one stream is open, frames of the other wait for its end, up to
 * 1 MiB; then the line is broken with a newline.
 *
 * `finalNewlineIsLost`: engines before API 1.42 keep no newline for the last piece of a long line (their `local` log driver; fixed
 * in 23.0). In the middle of a log the next timestamp gives it away; at its very end nothing does, and such a line is taken for
 * a whole one.
 */
export const createLineJoiner = ({ finalNewlineIsLost }: { readonly finalNewlineIsLost: boolean }): LineJoiner => {
  let open: OpenLine | null = null;
  let held: LogFrame[] = [];
  let heldBytes = 0;

  const release = (): readonly Uint8Array[] => {
    const frames = held;
    held = [];
    heldBytes = 0;
    return frames.flatMap(push);
  };

  /** Ends the open line where the engine did not, and lets in what waited. */
  const breakLine = (): readonly Uint8Array[] => {
    open = null;
    return [NEWLINE, ...release()];
  };

  const hold = (frame: LogFrame): readonly Uint8Array[] => {
    held.push(frame);
    heldBytes += frame.bytes.length;
    return [];
  };

  const push = (frame: LogFrame): readonly Uint8Array[] => {
    const { timestamp, text } = split(frame.bytes);
    if (open !== null && open.stream !== frame.stream) {
      return open.mayGoOn && heldBytes < HELD_BYTES ? hold(frame) : [...breakLine(), ...push(frame)];
    }
    if (open !== null && open.timestamp !== timestamp) return [...breakLine(), ...push(frame)];

    const added = open === null ? frame.bytes : text;
    if (text.at(-1) === NEWLINE_BYTE) {
      open = null;
      return [added, ...release()];
    }
    const pieces = (open?.pieces ?? 0) + 1;
    open = { stream: frame.stream, timestamp, pieces, mayGoOn: text.length >= PIECE_BYTES };
    return [added];
  };

  const end = (): readonly Uint8Array[] => {
    const rest: Uint8Array[] = [];
    while (open !== null && held.length > 0) rest.push(...breakLine());
    if (finalNewlineIsLost && open !== null && open.pieces > 1) rest.push(NEWLINE);
    return rest;
  };

  return { push, end };
};

/** A frame's timestamp and what was printed. */
export const split = (bytes: Buffer): { readonly timestamp: string; readonly text: Buffer } => {
  const space = bytes.indexOf(SPACE_BYTE);
  return { timestamp: bytes.toString('latin1', 0, space), text: bytes.subarray(space + 1) };
};
