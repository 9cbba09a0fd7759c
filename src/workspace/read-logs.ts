/** A task's logs as `tail -v -n N [-f]` prints them, out of files that may be written meanwhile. */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
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

/** What there is now: the last lines of each file. */
export async function* readLogs(source: LogSource, tailLines: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  await using logs = createOpenLogs(source);
  yield* printLastLines(await logs.findAll(), tailLines, createHeadings(), signal);
}

/** The same, then whatever is written, until `ended` aborts and the rest is read. */
async function* followLogs(
  source: LogSource,
  { tailLines, ended }: { readonly tailLines: number; readonly ended: AbortSignal },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted();
  await using logs = createOpenLogs(source);
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
  const headings = createHeadings();
  const listed = await logs.findAll();
  yield* printLastLines(listed, tailLines, headings, signal);
  const seen = new Set(listed);
  for (;;) {
    const isLastLook = ended.aborted;
    for (const log of await logs.all()) {
      const isNew = !seen.has(log);
      seen.add(log);
      yield* printNews(log, isNew, headings, signal);
    }
    if (isLastLook) return;
    await bell.heard();
    signal.throwIfAborted();
  }
}

/** A log held open, and how far it was read. */
type OpenLog = { readonly fileName: string; readonly file: FileHandle; read: number };

async function* printLastLines(
  logs: readonly OpenLog[],
  tailLines: number,
  headings: Headings,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (const log of logs) {
    yield* headings.before(log.fileName);
    const { size } = await log.file.stat();
    log.read = await startOfLastLines(log.file, size, tailLines);
    yield* readUpTo(log, size, signal);
  }
}

/** A new file gets its heading though it may be empty: a step began. */
async function* printNews(log: OpenLog, isNew: boolean, headings: Headings, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  // Not to its end, which one busy writer could keep away for ever.
  const { size } = await log.file.stat();
  if (isNew || size > log.read) yield* headings.before(log.fileName);
  yield* readUpTo(log, size, signal);
}

async function* readUpTo(log: OpenLog, end: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  while (log.read < end) {
    signal.throwIfAborted();
    const length = Math.min(CHUNK_BYTES, end - log.read);
    const { bytesRead, buffer } = await log.file.read(Buffer.allocUnsafe(length), 0, length, log.read);
    if (bytesRead === 0) return;
    log.read += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The logs that were found so far, each opened once and held until the reader leaves. */
const createOpenLogs = (source: LogSource) => {
  const opening = new Map<string, Promise<OpenLog | null>>();

  const openLog = async (fileName: string): Promise<OpenLog | null> => {
    await using folder = await source.hold();
    const file = (await folder?.openFile(fileName, constants.O_RDONLY)) ?? null;
    return file && { fileName, file, read: 0 };
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
export const logsFor = (source: LogSource, { tailLines, follow }: LogQuery, signal: AbortSignal): AsyncIterable<Uint8Array> =>
  follow === null ? readLogs(source, tailLines, signal) : followLogs(source, { tailLines, ended: follow.ended }, signal);
