/** Where a command's words go: data to stdout, so that it can be piped; what a person should know besides to stderr. */
import type { Io, TerminalStream } from './io.ts';
import { type Pen, plainPen, screenPen } from './pen.ts';

export type OutputOptions = {
  readonly json: boolean;
  readonly verbose: boolean;
  /** `false` for `--no-color`. */
  readonly color: boolean;
};

export type Output = {
  readonly json: boolean;
  readonly verbose: boolean;
  /** For stdout. */
  readonly pen: Pen;
  /** For stderr. */
  readonly notePen: Pen;
  /** Whether lines on stderr can be redrawn in place. */
  readonly isLive: boolean;
  /** A line, or lines, of data on stdout. */
  print(text: string): void;
  /** A document on stdout, in one line. */
  printDocument(document: object): void;
  /** A line, or lines, on stderr. */
  note(text: string): void;
};

export const createOutput = ({ stdout, stderr, env }: Io, { json, verbose, color }: OutputOptions): Output => {
  const penFor = (stream: TerminalStream): Pen =>
    canRedraw(stream, env) ? screenPen({ color: color && hasColor(stream, env) }) : plainPen;
  return {
    json,
    verbose,
    pen: penFor(stdout),
    notePen: penFor(stderr),
    // Other lines would get in between: those of a server inside the command with -v, and documents on the same terminal.
    isLive: canRedraw(stderr, env) && !verbose && !(json && stdout.isTTY),
    print: text => void stdout.write(`${text}\n`),
    printDocument: document => void stdout.write(`${JSON.stringify(document)}\n`),
    note: text => void stderr.write(`${text}\n`),
  };
};

/** A terminal that understands escape codes; `dumb` is what editors and build tools call theirs that do not. */
const canRedraw = (stream: TerminalStream, env: Io['env']): boolean => stream.isTTY === true && env.TERM !== 'dumb';

/** Whether colours are welcome on a stream, as far as the environment says. */
export const hasColor = (stream: TerminalStream, env: Io['env']): boolean => canRedraw(stream, env) && !env.NO_COLOR;
