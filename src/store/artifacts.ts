/** Artifacts as files: `<folder>/<job full name>/<task>.tar.zst`, each whole or absent. */
import { randomUUID } from 'node:crypto';
import { createReadStream, rmdirSync, type Stats } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from '../base/error-code.ts';
import { pathInside } from '../base/path-inside.ts';
import type { JobId } from '../domain/names.ts';
import type { ArtifactStore } from '../engine/ports.ts';

export type ArtifactFiles = ArtifactStore & {
  /** Removes artifacts written more than `ageMs` before `now`, and folders that are empty then. The paths, within the folder. */
  removeOlderThan(ageMs: number, now: number): Promise<readonly string[]>;
  /** What crashed servers left half-written and nobody has touched for `graceMs`. The paths, within the folder. */
  listHalfWritten(now: number, graceMs: number): Promise<readonly string[]>;
  /** Removes one of them, and its job's folder if that is empty then; gone already is fine. */
  removeHalfWritten(path: string): Promise<void>;
};

const SUFFIX = '.tar.zst';

/** Of a file that is being written. It begins with a dot, as no task's name does. */
const HALF_WRITTEN = /^\..*\.part$/;

const READ_BYTES = 1 << 20;

export const createArtifactStore = ({ folder }: { readonly folder: string }): ArtifactFiles => {
  /** Files that this process is writing. */
  const underWay = new Set<string>();

  const pathOf = (jobId: JobId, taskName: string): string => pathInside(pathInside(folder, jobId), `${taskName}${SUFFIX}`);

  const write = async (jobId: JobId, taskName: string, content: AsyncIterable<Uint8Array>): Promise<void> => {
    const path = pathOf(jobId, taskName);
    const half = pathInside(dirname(path), `.${taskName}.${randomUUID()}.part`);
    underWay.add(half);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeDurably(half, content);
      await rename(half, path);
      // The names are on the disk only when their folders are.
      await syncFolder(dirname(path));
      await syncFolder(folder);
    } catch (error) {
      await rm(half, { force: true });
      throw error;
    } finally {
      underWay.delete(half);
    }
  };

  const openArtifact = async (jobId: JobId, taskName: string): Promise<AsyncIterable<Uint8Array> | null> => {
    const path = pathOf(jobId, taskName);
    return (await statOrNull(path)) && readFrom(path);
  };

  /** Not while a task of the job is about to write there. No await: nobody gets in between the look and the removal. */
  const removeIfEmpty = (jobFolder: string): void => {
    if ([...underWay].some(path => dirname(path) === jobFolder)) return;
    try {
      rmdirSync(jobFolder);
    } catch (error) {
      if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
    }
  };

  /** Paths within the folder. */
  const listWhere = async (isMeant: (path: string, name: string, stats: Stats) => boolean): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const job of await namesIn(folder)) {
      for (const name of await namesIn(join(folder, job))) {
        const path = join(folder, job, name);
        const stats = await statOrNull(path);
        if (stats?.isFile() && isMeant(path, name, stats)) found.push(join(job, name));
      }
    }
    return found;
  };

  const remove = async (path: string): Promise<void> => {
    await rm(join(folder, path), { force: true });
    removeIfEmpty(dirname(join(folder, path)));
  };

  const removeOlderThan = async (ageMs: number, now: number): Promise<readonly string[]> => {
    const old = await listWhere((_, name, { mtimeMs }) => name.endsWith(SUFFIX) && mtimeMs < now - ageMs);
    for (const path of old) await remove(path);
    return old;
  };

  const listHalfWritten = (now: number, graceMs: number): Promise<readonly string[]> =>
    listWhere((path, name, { mtimeMs }) => HALF_WRITTEN.test(name) && !underWay.has(path) && mtimeMs < now - graceMs);

  return {
    write,
    open: openArtifact,
    removeOlderThan,
    listHalfWritten,
    removeHalfWritten: remove,
  };
};

const writeDurably = async (path: string, content: AsyncIterable<Uint8Array>): Promise<void> => {
  await using file = await open(path, 'wx');
  await file.writeFile(content);
  await file.sync();
};

const syncFolder = async (path: string): Promise<void> => {
  await using handle = await open(path, 'r');
  await handle.sync();
};

/** Opens the file when it is read, so that whoever never reads leaves nothing open. */
async function* readFrom(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: READ_BYTES });
}

const statOrNull = async (path: string): Promise<Stats | null> => {
  try {
    return await stat(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
};

/** Of a folder; a file has none, and neither has what is not there. */
const namesIn = async (path: string): Promise<readonly string[]> => {
  try {
    return await readdir(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
};
