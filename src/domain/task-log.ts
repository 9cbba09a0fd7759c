/** A task's logs on their way to a client, which may lose its connection and go on where it was. */

/** Of one log file, this many bytes. */
export type LogPosition = {
  /** The file's name; empty: no log had begun. */
  readonly file: string;
  /** Bytes from its beginning. */
  readonly offset: number;
};

/** A piece of a task's logs as `tail -v` prints them: a heading, or bytes of one file. */
export type LogPiece = {
  /** May be empty: then the piece says nothing but where the text stands. */
  readonly data: Uint8Array;
  /** Where the text stands after it; `null` from servers that do not say. */
  readonly position: LogPosition | null;
};

/** Which part of a task's logs a client wants. */
export type TaskLogQuery = {
  /** Lines from the end of each file; at least 1. */
  readonly tailLines: number;
  /** Goes on until the task ends, and waits for it to begin. */
  readonly follow: boolean;
  /** What the client has seen already, the file that its text stands in last: it goes on from there. @default nothing */
  readonly seen?: readonly LogPosition[];
};

/** What a reader that has seen something is told first: that it will go on from there, or that there is nothing so far. */
export const standingAt = (seen: readonly LogPosition[]): LogPiece => ({
  data: new Uint8Array(),
  position: seen.at(-1) ?? { file: '', offset: 0 },
});

/** With one more position, in the order in which the files were last read: the text stands in the last one. */
export const withPosition = (seen: readonly LogPosition[], position: LogPosition): readonly LogPosition[] => [
  ...seen.filter(({ file }) => file !== position.file),
  position,
];
