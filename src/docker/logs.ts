import { setTimeout as delay } from 'node:timers/promises';
import type { LogWriter } from '../engine/ports.ts';
import { createBatchedWriter } from './batched-writer.ts';
import { retried, settled } from './calls.ts';
import { type Engine, speaksApi } from './engine.ts';
import { EngineError, hasStatus } from './errors.ts';
import { createLogCursor } from './log-cursor.ts';
import { createDemultiplexer, type LogFrame } from './log-frames.ts';
import { createLineJoiner, split } from './log-lines.ts';
import { chunksOf, openStream } from './stream.ts';

/**
 * The log driver of the containers whose output is copied byte by byte. `local` keeps bytes as they are; `json-file`, the usual
 * default, replaces whatever is no UTF-8. It must not rotate: a log that lost its beginning can't be continued at a file's length.
 */
export const BYTE_EXACT_LOG = { Type: 'local', Config: { 'max-size': '1000t' } };

/** Engines from 23.0 on; see {@link createLineJoiner}. */
const KEEPS_FINAL_NEWLINES = '1.42';

/** After the container's end its stream ends by itself, or never will. */
const STREAM_END_MS = 2_000;

/** Between two streams of one container that runs on, when the first broke off. */
const REOPEN_MS = 500;

/**
 * Writes a container's output to a log file while it runs, and resolves when the container has ended and not a byte is missing.
 * A file that has something already is continued: the output is read from the start, and as many bytes as the file has are dropped.
 *
 * A stream that follows may end before the last bytes came (moby #43860), so after the container's end the log is read on from
 * where the stream got to, until it gives no more. `ended`: settles with the container's end.
 */
export const copyLog = async (
  engine: Engine,
  containerId: string,
  writer: LogWriter,
  ended: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> => {
  const copy = createCopy(engine, containerId, writer);
  const over = new AbortController();
  const noticed = ended.catch(() => undefined).then(() => over.abort());
  const lifetime = new AbortController();
  const cut = AbortSignal.any([signal, lifetime.signal]);

  const follow = async (): Promise<void> => {
    const pause = AbortSignal.any([cut, over.signal]);
    while (!pause.aborted) {
      await copy.read({ follow: true, signal: cut }).catch(ignoreLostStream);
      await delay(REOPEN_MS, undefined, { signal: pause }).catch(() => undefined);
    }
  };

  const following = follow();
  try {
    // Raced: a log that can't be written fails now, not at the container's end.
    await Promise.race([noticed, following]);
    await noticed;
    await settled(following, STREAM_END_MS);
  } finally {
    lifetime.abort();
    await following.catch(() => undefined);
  }
  signal.throwIfAborted();
  await retried('read log', () => copy.read({ follow: false, signal }), signal);
  await copy.end();
};

/** What breaks off a stream while the container runs on is not the log's end: it is opened again. */
const ignoreLostStream = (error: unknown): void => {
  const isLost = error instanceof EngineError && (error.transient || hasStatus(error, 404, 409));
  if (!isLost && !isAbort(error)) throw error;
};

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/** The copying of one log over as many reads as it takes. */
const createCopy = (engine: Engine, containerId: string, writer: LogWriter) => {
  const cursor = createLogCursor();
  const joiner = createLineJoiner({ finalNewlineIsLost: !speaksApi(engine, KEEPS_FINAL_NEWLINES) });
  const file = createBatchedWriter(writer);
  let surplus = writer.size;

  const write = async (pieces: readonly Uint8Array[]): Promise<void> => {
    const bytes = Buffer.concat(pieces);
    const fresh = bytes.subarray(Math.min(surplus, bytes.length));
    surplus -= bytes.length - fresh.length;
    if (fresh.length > 0) await file.add(fresh);
  };

  const read = async ({ follow, signal }: { readonly follow: boolean; readonly signal: AbortSignal }): Promise<void> => {
    const { since, skip } = cursor.resume();
    let toSkip = skip;
    for await (const frames of readLog(engine, containerId, { follow, ...(since !== null && { since }) }, signal)) {
      const unread = frames.slice(toSkip);
      toSkip -= frames.length - unread.length;
      // Noted though not yet written: a write that fails ends the whole copy, a stream that breaks off does not.
      for (const frame of unread) cursor.pass(split(frame.bytes).timestamp);
      await write(unread.flatMap(frame => joiner.push(frame)));
    }
    await file.flush();
  };

  const end = async (): Promise<void> => {
    await write(joiner.end());
    await file.flush();
  };

  return { read, end };
};

type LogRange = { readonly follow: boolean; readonly since?: string; readonly tail?: string };

/** A container's log in the engine's order, both streams, with timestamps; as many frames at a time as came in one piece. */
async function* readLog(
  engine: Engine,
  containerId: string,
  { follow, ...range }: LogRange,
  signal: AbortSignal,
): AsyncGenerator<readonly LogFrame[]> {
  const query = { stdout: '1', stderr: '1', timestamps: '1', follow: follow ? '1' : '0', ...range };
  const answer = await openStream(engine, 'read log', { method: 'GET', path: `/containers/${containerId}/logs`, query }, signal);
  const demultiplex = createDemultiplexer();
  for await (const chunk of chunksOf('read log', answer)) yield demultiplex(chunk);
}

/** The last lines of a container's output, as text with timestamps. */
export const lastLines = (engine: Engine, containerId: string, count: number, signal: AbortSignal): Promise<readonly string[]> =>
  retried(
    'read log',
    async () => {
      const joiner = createLineJoiner({ finalNewlineIsLost: false });
      const pieces: Uint8Array[] = [];
      for await (const frames of readLog(engine, containerId, { follow: false, tail: String(count) }, signal))
        pieces.push(...frames.flatMap(frame => joiner.push(frame)));
      const text = Buffer.concat([...pieces, ...joiner.end()]).toString('utf8');
      return text.split('\n').filter(line => line !== '');
    },
    signal,
  );
