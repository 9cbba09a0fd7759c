import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { hasCode } from '../base/error-code.ts';
import type { LogWriter } from '../engine/ports.ts';
import type { HeldFolder } from './held-folder.ts';
import type { Listener } from './news.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_WRONLY } = constants;

/** Opens a log for appending, and tells the news of it. */
export const openLogWriter = async (folder: HeldFolder, fileName: string, news: Listener): Promise<LogWriter> => {
  const made = await makeFile(folder, fileName);
  const file = made ?? (await folder.openFile(fileName, O_WRONLY | O_APPEND));
  if (file === null) throw new Error(`can't write the log ${fileName}: something else stands in its place`);
  let { size } = await file.stat();
  news.opened(fileName);

  const write = async (chunk: Uint8Array): Promise<void> => {
    try {
      await file.appendFile(chunk);
      size += chunk.length;
    } catch (error) {
      // On a full disk a part of it may have been written.
      ({ size } = await file.stat());
      throw error;
    } finally {
      news.written();
    }
  };

  // One after the other: writes under way at the same time may land in any order.
  let latest: Promise<void> = Promise.resolve();
  return {
    isNew: made !== null,
    get size() {
      return size;
    },
    append: chunk => {
      const written = latest.then(() => write(chunk));
      latest = written.catch(() => undefined);
      return written;
    },
    close: async () => {
      await latest;
      await file.close();
    },
  };
};

/** `null`: there is something of that name. */
const makeFile = async (folder: HeldFolder, fileName: string): Promise<FileHandle | null> => {
  try {
    return await folder.openFile(fileName, O_WRONLY | O_APPEND | O_CREAT | O_EXCL);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return null;
    throw error;
  }
};
