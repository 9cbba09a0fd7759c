import { once } from 'node:events';
import type { TerminalStream } from './io.ts';

/** Writes to a stream no faster than it is read. Rejects with the signal's reason. */
export const writeAll = async (stream: TerminalStream, chunk: Uint8Array | string, signal: AbortSignal): Promise<void> => {
  signal.throwIfAborted();
  if (stream.write(chunk)) return;
  await once(stream, 'drain', { signal }).catch(error => {
    signal.throwIfAborted();
    throw error;
  });
};
