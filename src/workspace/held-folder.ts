/** Files of a folder that somebody else may change at any moment: folders are held open, links are never followed. */
import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { hasCode } from '../base/error-code.ts';

/** Of an entry. As bytes where it was read from a folder: file names need not be UTF-8. */
export type EntryName = string | Buffer;

/** A folder held open: its entries are looked up in it, whatever its path leads to meanwhile. */
export type HeldFolder = AsyncDisposable & {
  /** For calls that take a path. They may not follow links: an entry may be anything. */
  pathOf(name: EntryName): Buffer;
  names(): Promise<readonly Buffer[]>;
  /** `null`: no such folder; a link to one is none. */
  enter(name: EntryName): Promise<HeldFolder | null>;
  /** `null`: no such file; whatever is no regular file is none. With `O_EXCL`, rejects with `EEXIST` where there is anything. */
  openFile(name: EntryName, flags: number): Promise<FileHandle | null>;
  chmod(mode: number): Promise<void>;
};

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** What opening says when there is no such thing, or another one: a link, a pipe without a reader, a socket. */
const isElse = (error: unknown): boolean => hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENXIO');

/** `null`: no such folder. The last part of the path must not be a link. */
export const holdFolder = async (path: string | Buffer): Promise<HeldFolder | null> => {
  const handle = await openOrNull(path, O_RDONLY | O_DIRECTORY);
  if (handle === null) return null;
  // Linux has no openat for Node, but this is its equal. Elsewhere a folder that is swapped in between would be followed.
  const prefix =
    process.platform === 'linux' ? `/proc/self/fd/${handle.fd}/` : Buffer.concat([Buffer.from(path), Buffer.from('/')]);
  const pathOf = (name: EntryName): Buffer => Buffer.concat([Buffer.from(prefix), Buffer.from(name)]);
  return {
    pathOf,
    names: () => readdir(pathOf(''), { encoding: 'buffer' }),
    enter: name => holdFolder(pathOf(name)),
    openFile: async (name, flags) => onlyRegular(await openOrNull(pathOf(name), flags)),
    chmod: mode => handle.chmod(mode),
    [Symbol.asyncDispose]: () => handle.close(),
  };
};

const openOrNull = async (path: string | Buffer, flags: number): Promise<FileHandle | null> => {
  try {
    // Without O_NONBLOCK a pipe would hold the call, and a thread with it, until somebody opens its other end.
    return await open(path, flags | O_NOFOLLOW | O_NONBLOCK, 0o644);
  } catch (error) {
    if (isElse(error)) return null;
    throw error;
  }
};

const onlyRegular = async (handle: FileHandle | null): Promise<FileHandle | null> => {
  if (handle === null || (await handle.stat()).isFile()) return handle;
  await handle.close();
  return null;
};
