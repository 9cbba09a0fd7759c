/** A task's logs as `tail -v -n N [-f]` prints them, out of files that may be written meanwhile. */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { type LogPiece, type LogPosition, standingAt } from '../domain/task-log.ts';
import type { LogQuery } from '../engine/ports.ts';
import type { HeldFolder } from './held-folder.ts';
import { startOfLastLines } from './last-lines.ts';
import { inLogOrder, isLogFile } from './log-files.ts';
import type { Listener } from './news.ts';
import { createHeadings, type Headings } from './tail-format.ts';

const CHUNK_BYTES = 256 * 1024;

/** Where the logs are, and who says that there are more. */
export type LogSource = {
  /** `null`: there is no such folder yet, or any more. */
  readonly hold: () => Promise<HeldFolder | null>;
  readonly listen: (listener: Listener) => Disposable;
};

/** Which part of it a reader wants. */
type Part = { readonly tailLines: number; readonly seen: readonly LogPosition[] };

/** What there is now: the last lines of each file, or what the reader has not seen. */
async function* readLogs(source: LogSource, part: Part, signal: AbortSignal): AsyncGenerator<LogPiece> {
  await using logs = createOpenLogs(source, part.seen);
  yield* printFirst(await logs.findAll(), part, createHeadings(part.seen), signal);
}

/** The same, then whatever is written, until `ended` aborts and the rest is read. */
async function* followLogs(source: LogSource, part: Part, ended: AbortSignal, signal: AbortSignal): AsyncGenerator<LogPiece> {
  signal.throwIfAborted();
  await using logs = createOpenLogs(source, part.seen);
  const bell = createBell();
  // Listens before it looks, or it would miss what comes in between. A file is opened as soon as it is there, however slowly
  // this is read: the task's folder may be removed before its reader comes to it.
  using _listening = source.listen({
    opened: fileName => {
      logs.open(fileName);
      bell.ring();
    },
    written: bell.ring,
  });
  using _ended = ringOnAbort(ended, bell);
  using _aborted = ringOnAbort(signal, bell);
  const headings = createHeadings(part.seen);
  const listed = await logs.findAll();
  // Without this, a reader that loses its connection before the first line could not tell that it has seen all so far.
  if (listed.length === 0) yield standingAt(part.seen);
  yield* printFirst(listed, part, headings, signal);
  const printed = new Set(listed);
  for (;;) {
    const isLastLook = ended.aborted;
    for (const log of await logs.all()) {
      const isNew = !printed.has(log);
      printed.add(log);
      yield* printNews(log, isNew, headings, signal);
    }
    if (isLastLook) return;
    await bell.heard();
    signal.throwIfAborted();
  }
}

/** A log held open, and how far it was read. */
type OpenLog = { readonly fileName: string; readonly file: FileHandle; read: number };

async function* printFirst(
  logs: readonly OpenLog[],
  { tailLines, seen }: Part,
  headings: Headings,
  signal: AbortSignal,
): AsyncGenerator<LogPiece> {
  const isKnown = new Set(seen.map(({ file }) => file));
  for (const log of logs) {
    if (seen.length > 0) yield* printNews(log, !isKnown.has(log.fileName), headings, signal);
    else yield* printLastLines(log, tailLines, headings, signal);
  }
}

async function* printLastLines(
  log: OpenLog,
  tailLines: number,
  headings: Headings,
  signal: AbortSignal,
): AsyncGenerator<LogPiece> {
  const { size } = await log.file.stat();
  log.read = await startOfLastLines(log.file, size, tailLines);
  yield* headings.before(positionIn(log));
  yield* readUpTo(log, size, signal);
}

/** A new file gets its heading though it may be empty: a step began. */
async function* printNews(log: OpenLog, isNew: boolean, headings: Headings, signal: AbortSignal): AsyncGenerator<LogPiece> {
  // Not to its end, which one busy writer could keep away for ever.
  const { size } = await log.file.stat();
  if (isNew || size > log.read) yield* headings.before(positionIn(log));
  yield* readUpTo(log, size, signal);
}

async function* readUpTo(log: OpenLog, end: number, signal: AbortSignal): AsyncGenerator<LogPiece> {
  while (log.read < end) {
    signal.throwIfAborted();
    const length = Math.min(CHUNK_BYTES, end - log.read);
    const { bytesRead, buffer } = await log.file.read(Buffer.allocUnsafe(length), 0, length, log.read);
    if (bytesRead === 0) return;
    log.read += bytesRead;
    yield { data: buffer.subarray(0, bytesRead), position: positionIn(log) };
  }
}

const positionIn = ({ fileName, read }: OpenLog): LogPosition => ({ file: fileName, offset: read });

/** The logs that were found so far, each opened once, where its reader was before, and held until the reader leaves. */
const createOpenLogs = (source: LogSource, seen: readonly LogPosition[]) => {
  const offsets = new Map(seen.map(({ file, offset }) => [file, offset]));
  const opening = new Map<string, Promise<OpenLog | null>>();

  const openLog = async (fileName: string): Promise<OpenLog | null> => {
    await using folder = await source.hold();
    const file = (await folder?.openFile(fileName, constants.O_RDONLY)) ?? null;
    return file && { fileName, file, read: offsets.get(fileName) ?? 0 };
  };

  const open = (fileName: string): void => {
    if (!isLogFile(fileName) || opening.has(fileName)) return;
    const opened = openLog(fileName);
    // Whoever leaves before it looks does not care.
    opened.catch(() => undefined);
    opening.set(fileName, opened);
  };

  /** In the order in which they are read. */
  const all = async (): Promise<readonly OpenLog[]> => {
    const logs = await Promise.all(opening.values());
    return logs.filter(log => log !== null).sort((one, other) => inLogOrder(one.fileName, other.fileName));
  };

  const findAll = async (): Promise<readonly OpenLog[]> => {
    await using folder = await source.hold();
    for (const name of (await folder?.names()) ?? []) open(name.toString());
    return all();
  };

  return {
    open,
    all,
    findAll,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      const logs = await Promise.allSettled(opening.values());
      await Promise.all(logs.map(log => (log.status === 'fulfilled' ? log.value?.file.close() : undefined)));
    },
  };
};

type Bell = { readonly ring: () => void; readonly heard: () => Promise<void> };

/** However often it rings before somebody listens, it is heard once. */
const createBell = (): Bell => {
  let rung = Promise.withResolvers<void>();
  return {
    ring: () => rung.resolve(),
    heard: async () => {
      await rung.promise;
      rung = Promise.withResolvers();
    },
  };
};

const ringOnAbort = (signal: AbortSignal, bell: Bell): Disposable => {
  signal.addEventListener('abort', bell.ring);
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', bell.ring) };
};

/** What a {@link LogQuery} asks for. */
export const logsFor = (
  source: LogSource,
  { tailLines, follow, seen = [] }: LogQuery,
  signal: AbortSignal,
): AsyncIterable<LogPiece> => {
  const part: Part = { tailLines, seen };
  return follow === null ? readLogs(source, part, signal) : followLogs(source, part, follow.ended, signal);
};
