import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from './database.ts';

/** Another server has this folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
  /** Its process; `null`: it started just now, and has not said yet who it is. */
  readonly pid: number | null;

  constructor(folder: string, pid: number | null, options: ErrorOptions) {
    const owner = `another alfred-server${pid === null ? '' : ` (pid ${pid})`}`;
    super(`${folder} is in use by ${owner}: stop it first, or give this one a folder of its own`, options);
    this.pid = pid;
  }
}

/**
 * Takes a folder for this process alone. The lock is one of the operating system's, held through an empty database: it ends
 * with the process, however that ends, so that nothing has to be cleaned up after a crash. Throws {@link FolderInUseError}.
 */
export const lockFolder = (folder: string): Disposable => {
  const pidPath = join(folder, 'server.pid');
  const lock = new DatabaseSync(join(folder, 'server.lock'), { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if (!isBusy(cause)) throw new Error(`${folder} can't be locked: ${(cause as Error).message}`, { cause });
    throw new FolderInUseError(folder, ownerIn(pidPath), { cause });
  }
  // For people only: the lock is what counts.
  writeFileSync(pidPath, `${process.pid}\n`);
  return {
    [Symbol.dispose]: () => {
      rmSync(pidPath, { force: true });
      lock.close();
    },
  };
};

const ownerIn = (pidPath: string): number | null => {
  try {
    return Number(readFileSync(pidPath, 'utf8')) || null;
  } catch {
    return null;
  }
};
