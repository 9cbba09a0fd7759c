/** The logs of a task that has ended, out of its artifact, as they were read while it ran. */
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { decompress } from '../base/zstd.ts';
import { isLogFile } from './log-files.ts';
import { createHeadings } from './tail-format.ts';

/**
 * As `tail -v -n N` over the logs in a `.tar.zst` made by `pack`. Reads the beginning of the archive twice, first to count
 * lines: so neither memory nor disk has to hold them, however many are asked for and however long they are. Leaves the
 * archive after the last log. `open` gives `null` where there is no archive: then there is no text.
 */
export async function* tailArchive(
  open: () => Promise<AsyncIterable<Uint8Array> | null>,
  { tailLines }: { readonly tailLines: number },
): AsyncGenerator<Uint8Array> {
  const starts = new Map<string, number>();
  for await (const log of logsIn(open)) starts.set(log.fileName, (await countLines(log.content)) - tailLines);
  const headings = createHeadings();
  for await (const log of logsIn(open)) {
    yield* headings.before(log.fileName);
    yield* withoutLines(log.content, starts.get(log.fileName) ?? 0);
  }
}

type ArchivedLog = { readonly fileName: string; readonly content: AsyncIterable<Uint8Array> };

/** The logs at the beginning of the archive. Each must be read to its end before the next comes. */
async function* logsIn(open: () => Promise<AsyncIterable<Uint8Array> | null>): AsyncGenerator<ArchivedLog> {
  const archive = await open();
  if (archive === null) return;
  const entries = extract();
  // Its errors destroy the reader below.
  pipeline(decompress(archive), entries).catch(() => undefined);
  for await (const entry of entries) {
    if (!isLogFile(entry.header.name)) return;
    yield { fileName: entry.header.name, content: entry as AsyncIterable<Uint8Array> };
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

/** The content without its first `count` lines. */
async function* withoutLines(content: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let toSkip = count;
  for await (const chunk of content) {
    let from = 0;
    while (toSkip > 0 && from < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, from);
      if (newline >= 0) toSkip -= 1;
      from = newline < 0 ? chunk.length : newline + 1;
    }
    if (from < chunk.length) yield chunk.subarray(from);
  }
}
