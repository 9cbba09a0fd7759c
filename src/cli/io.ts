import type { Writable } from 'node:stream';

/** A stream that may be a terminal; `columns` and `rows` change when its window does, which it says by `resize`. */
export type TerminalStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** All that a run of `alfred` has of the process that it is: a spec hands in its own. */
export type Io = {
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly cwd: string;
  /** Aborts with an {@link Interruption}: at the first Ctrl+C, or when nobody reads stdout any more. */
  readonly signal: AbortSignal;
  /** Aborts at the second Ctrl+C: clean-up that is still under way is to be left. */
  readonly hurry: AbortSignal;
};

/** Why a command is to end early. `outputClosed`, as by `| head -1`, is no failure: its reader has all it wanted. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly type: 'interrupted' | 'outputClosed';

  constructor(type: Interruption['type']) {
    super(type === 'interrupted' ? 'interrupted' : 'nobody reads the output');
    this.type = type;
  }
}
