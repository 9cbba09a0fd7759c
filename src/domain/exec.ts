/** Words for a command that a person runs in a task's container, beside the task's own step. */
import type { JobId } from './names.ts';

/** The window of a terminal, in characters. */
export type TerminalSize = { readonly columns: number; readonly rows: number };

export type ExecRequest = {
  readonly jobId: JobId;
  readonly taskName: string;
  /** The program and its arguments; empty: a shell, bash where the image has it. */
  readonly command: readonly string[];
  /** The command gets a terminal of this size; `null`: it gets pipes. */
  readonly terminal: TerminalSize | null;
};

/** With a terminal all is `stdout`. */
export type ExecOutput = { readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array };

/** `containerEnded`: the step ended, and took the command with it. */
export type ExecEnd = { readonly type: 'exited'; readonly code: number } | { readonly type: 'containerEnded' };

/** A command that runs in a task's container. */
export type RunningCommand = {
  /** Resolves when there is room for more. What the command does not read any more is dropped. */
  write(bytes: Uint8Array): Promise<void>;
  /** The end of what the command can read. With a terminal it hears nothing of it: there, Ctrl+D says so. */
  endInput(): void;
  /** Only with a terminal. Never rejects: a window that has not its size is no reason to stop. */
  resize(size: TerminalSize): Promise<void>;
  /** Read once, as fast as one likes: the command waits. */
  readonly output: AsyncIterable<ExecOutput>;
  /** How it ended; asked after `output` has. Rejects when the way to it is lost. */
  ended(): Promise<ExecEnd>;
};
