/** The logs of a task that has ended, out of its artifact, as they were read while it ran. */
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { decompress } from '../base/zstd.ts';
import type { LogPiece, LogPosition } from '../domain/task-log.ts';
import { isLogFile } from './log-files.ts';
import { createHeadings } from './tail-format.ts';

/**
 * As `tail -v -n N` over the logs in a `.tar.zst` made by `pack`. Reads the beginning of the archive twice, first to count
 * lines: so neither memory nor disk has to hold them, however many are asked for and however long they are. Leaves the
 * archive after the last log. `open` gives `null` where there is no archive: then there is no text. A reader that has `seen` some
 * of it while the task ran, or out of the archive, gets the rest.
 */
export async function* tailArchive(
  open: OpenArchive,
  { tailLines, seen = [] }: { readonly tailLines: number; readonly seen?: readonly LogPosition[] },
): AsyncGenerator<LogPiece> {
  if (seen.length > 0) yield* restOf(open, seen);
  else yield* lastLinesOf(open, tailLines);
}

async function* lastLinesOf(open: OpenArchive, tailLines: number): AsyncGenerator<LogPiece> {
  const starts = new Map<string, number>();
  for await (const log of logsIn(open)) starts.set(log.fileName, (await countLines(log.content)) - tailLines);
  const headings = createHeadings([]);
  for await (const { fileName, content } of logsIn(open)) {
    const start = firstKeptLine(starts.get(fileName) ?? 0);
    yield* headings.before({ file: fileName, offset: 0 });
    yield* piecesOf(fileName, content, start);
  }
}

async function* restOf(open: OpenArchive, seen: readonly LogPosition[]): AsyncGenerator<LogPiece> {
  const offsets = new Map(seen.map(({ file, offset }) => [file, offset]));
  const headings = createHeadings(seen);
  for await (const { fileName, size, content } of logsIn(open)) {
    const offset = offsets.get(fileName);
    // As while it ran: a log that is new to the reader gets its heading though it may be empty.
    if (offset === undefined || size > offset) yield* headings.before({ file: fileName, offset: offset ?? 0 });
    yield* piecesOf(fileName, content, afterBytes(offset ?? 0));
  }
}

/** The content from where `startIn` finds its start, chunk by chunk; once it was found, everything. */
async function* piecesOf(
  file: string,
  content: AsyncIterable<Uint8Array>,
  startIn: (chunk: Uint8Array) => number,
): AsyncGenerator<LogPiece> {
  let offset = 0;
  for await (const chunk of content) {
    const from = startIn(chunk);
    offset += chunk.length;
    if (from < chunk.length) yield { data: chunk.subarray(from), position: { file, offset } };
  }
}

type ArchivedLog = { readonly fileName: string; readonly size: number; readonly content: AsyncIterable<Uint8Array> };

type OpenArchive = () => Promise<AsyncIterable<Uint8Array> | null>;

/** The logs at the beginning of the archive. Each must be read to its end before the next comes. */
async function* logsIn(open: OpenArchive): AsyncGenerator<ArchivedLog> {
  const archive = await open();
  if (archive === null) return;
  const entries = extract();
  // Its errors destroy the reader below.
  pipeline(decompress(archive), entries).catch(() => undefined);
  for await (const entry of entries) {
    if (!isLogFile(entry.header.name)) return;
    yield { fileName: entry.header.name, size: entry.header.size ?? 0, content: entry as AsyncIterable<Uint8Array> };
  }
}

const NEWLINE = 0x0a;

/** A last line without a newline is a line. */
const countLines = async (content: AsyncIterable<Uint8Array>): Promise<number> => {
  let newlines = 0;
  let last = NEWLINE;
  for await (const chunk of content) {
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) newlines += 1;
    last = chunk.at(-1) ?? last;
  }
  return last === NEWLINE ? newlines : newlines + 1;
};

/** Where the content begins without its first `count` lines, for {@link piecesOf}. */
const firstKeptLine = (count: number) => {
  let toSkip = count;
  return (chunk: Uint8Array): number => {
    let from = 0;
    while (toSkip > 0 && from < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, from);
      if (newline >= 0) toSkip -= 1;
      from = newline < 0 ? chunk.length : newline + 1;
    }
    return from;
  };
};

/** Where the content begins without its first `count` bytes, for {@link piecesOf}. */
const afterBytes = (count: number) => {
  let toSkip = count;
  return (chunk: Uint8Array): number => {
    const from = Math.min(toSkip, chunk.length);
    toSkip -= from;
    return from;
  };
};
