/** The lines of a task's log, taken apart: which file they are from, when they were written, and what was written. */
import { stripVTControlCharacters } from 'node:util';
import { lineSplitter } from '../lines.ts';

export type LogLine = {
  readonly task: string;
  /** The step's log, or Alfred's own; `null` before the first header. */
  readonly file: string | null;
  /** As it was written, in UTC, to the nanosecond; `null` on lines that have none. */
  readonly timestamp: string | null;
  /** Without escape codes. */
  readonly text: string;
};

/** What `tail -v` writes above each file. Output can't be taken for it: each of its lines begins with a timestamp. */
const FILE_HEADER = /^==> (.*) <==$/;

const TIMESTAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) /;

/** Headers and the blank lines before them say where a line is from, and are no lines themselves. */
export async function* readLogLines(task: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<LogLine> {
  let file: string | null = null;
  for await (const line of linesOf(chunks)) {
    const header = FILE_HEADER.exec(line)?.[1];
    if (header !== undefined) file = header;
    else if (line !== '') yield toLogLine(task, file, line);
  }
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let complete: string[] = [];
  const splitter = lineSplitter(line => complete.push(line));
  const take = (): readonly string[] => {
    const lines = complete;
    complete = [];
    return lines;
  };
  for await (const chunk of chunks) {
    splitter.write(chunk);
    yield* take();
  }
  splitter.end();
  yield* take();
}

const toLogLine = (task: string, file: string | null, line: string): LogLine => {
  const timestamp = TIMESTAMP.exec(line)?.[1] ?? null;
  const text = timestamp === null ? line : line.slice(timestamp.length + 1);
  return { task, file, timestamp, text: stripVTControlCharacters(text) };
};

/** Orders lines of several tasks by time; equal and unknown times keep their order. */
export const byTime = (one: LogLine, other: LogLine): number => {
  const [a, b] = [sortable(one), sortable(other)];
  return a < b ? -1 : a > b ? 1 : 0;
};

/** Docker leaves out zeros at the end of a fraction: with the `Z`, `1.5Z` would come after `1.51Z`. */
const sortable = ({ timestamp }: LogLine): string => timestamp?.slice(0, -1) ?? '';
