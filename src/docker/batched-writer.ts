import type { LogWriter } from '../engine/ports.ts';

/** Appends to a log without waiting for each write: the engine sends a line at a time, and a write costs a trip to the disk. */
export type BatchedWriter = {
  /** Takes the bytes over. Resolves at once, or when there is room again; rejects when an earlier write failed. */
  add(bytes: Uint8Array): Promise<void>;
  /** Resolves when all is in the file. */
  flush(): Promise<void>;
};

/** What may wait for the write that is under way. */
const ROOM_BYTES = 1024 * 1024;

export const createBatchedWriter = (writer: Pick<LogWriter, 'append'>): BatchedWriter => {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let writing: Promise<void> | null = null;
  let failed: Promise<void> | null = null;

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const bytes = Buffer.concat(waiting);
      waiting = [];
      waitingBytes = 0;
      await writer.append(bytes);
    }
  };

  const startWriting = (): Promise<void> => {
    const written = writeAll().finally(() => {
      writing = null;
    });
    written.catch(() => {
      // Nothing is written behind a gap: whoever adds or flushes next is told.
      failed = written;
    });
    return written;
  };

  return {
    add: async bytes => {
      await failed;
      waiting.push(bytes);
      waitingBytes += bytes.length;
      writing ??= startWriting();
      if (waitingBytes > ROOM_BYTES) await writing;
    },
    flush: async () => {
      await (failed ?? writing);
    },
  };
};
