/** A folder as a tar, while its files are written, replaced and removed: each as long as it was found, whatever comes after. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, readlink } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type Header, type Pack, pack } from 'tar-stream';
import { hasCode } from '../base/error-code.ts';
import type { HeldFolder } from './held-folder.ts';
import { inLogOrder, isLogFile } from './log-files.ts';

const CHUNK_BYTES = 256 * 1024;

/** In an archive that lacks something, so that it is missed where it is looked for. */
const LEFT_OUT_NAME = 'alfred-left-out.txt';

/** The two empty blocks that end a tar. */
const END_BYTES = 1_024;

/**
 * The folder's content, logs first so that their reader can leave early. Links are kept and never followed; pipes, sockets
 * and devices are left out, and so is what vanishes meanwhile. What the server may not read is left out and named in
 * `alfred-left-out.txt`, after the `notices` that belong there for other reasons.
 */
export async function* tarOf(
  folder: HeldFolder,
  signal: AbortSignal,
  notices: readonly string[] = [],
): AsyncGenerator<Uint8Array> {
  const archive = pack();
  // Its errors destroy the archive, whose reader hears of them below.
  const filling = fill(archive, folder, notices, signal).catch(error => archive.destroy(error));
  try {
    yield* archive as AsyncIterable<Uint8Array>;
  } finally {
    archive.destroy();
    // The folder must stay open as long as it is walked.
    await filling;
  }
}

/** A {@link tarOf} that another tar may follow. */
export async function* withoutEnd(tar: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = Buffer.alloc(0);
  for await (const chunk of tar) {
    const bytes = Buffer.concat([held, chunk]);
    const end = Math.max(0, bytes.length - END_BYTES);
    yield bytes.subarray(0, end);
    held = bytes.subarray(end);
  }
}

/** What is said in the archive of paths in it that may not be read. */
export const unreadable = (paths: readonly string[]): string =>
  `Alfred may not read these files, so they are not in this archive:\n${paths.join('\n')}\n`;

/** What the walk carries along. */
type Walk = {
  readonly archive: Pack;
  readonly signal: AbortSignal;
  /** Names of what could not be read. */
  readonly leftOut: string[];
};

const fill = async (archive: Pack, folder: HeldFolder, notices: readonly string[], signal: AbortSignal): Promise<void> => {
  const walk: Walk = { archive, signal, leftOut: [] };
  const names = await folder.names();
  const isLog = (name: Buffer): boolean => isLogFile(name.toString());
  const logs = names.filter(isLog).sort((one, other) => inLogOrder(one.toString(), other.toString()));
  const others = names.filter(name => !isLog(name)).sort(Buffer.compare);
  for (const name of [...logs, ...others]) await addEntry(walk, folder, '', name);
  const all = walk.leftOut.length > 0 ? [...notices, unreadable(walk.leftOut)] : notices;
  if (all.length > 0) archive.entry({ name: LEFT_OUT_NAME }, all.join('\n'));
  archive.finalize();
};

/** Adds whatever stands there, and all that is in it. `path` is that of the folder, in the archive. */
const addEntry = async (walk: Walk, folder: HeldFolder, path: string, name: Buffer): Promise<void> => {
  walk.signal.throwIfAborted();
  const entryPath = `${path}${name}`;
  try {
    const stats = await lstat(folder.pathOf(name));
    if (stats.isFile()) await addFile(walk, folder, name, entryPath);
    if (stats.isSymbolicLink()) addLink(walk, entryPath, stats, await readlink(folder.pathOf(name)));
    if (stats.isDirectory()) await addFolder(walk, folder, name, entryPath);
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM')) walk.leftOut.push(entryPath);
    // Gone, or no link any more.
    else if (!hasCode(error, 'ENOENT', 'EINVAL')) throw error;
  }
};

const addFolder = async (walk: Walk, parent: HeldFolder, name: Buffer, path: string): Promise<void> => {
  await using folder = await parent.enter(name);
  if (folder === null) return;
  walk.archive.entry({ ...headerOf(`${path}/`, await lstat(folder.pathOf('.'))), type: 'directory' });
  for (const entry of (await folder.names()).toSorted(Buffer.compare)) await addEntry(walk, folder, `${path}/`, entry);
};

const addFile = async (walk: Walk, folder: HeldFolder, name: Buffer, path: string): Promise<void> => {
  await using file = await folder.openFile(name, constants.O_RDONLY);
  if (file === null) return;
  const stats = await file.stat();
  const entry = walk.archive.entry({ ...headerOf(path, stats), type: 'file', size: stats.size });
  await pipeline(exactly(file, stats.size), entry, { signal: walk.signal });
};

const addLink = ({ archive }: Walk, path: string, stats: Stats, linkname: string): void => {
  archive.entry({ ...headerOf(path, stats), type: 'symlink', linkname });
};

/** A file's first `size` bytes, with zeros in place of those that it has lost. */
async function* exactly(file: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  for (let read = 0; read < size; ) {
    const length = Math.min(CHUNK_BYTES, size - read);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, read);
    yield bytesRead > 0 ? buffer.subarray(0, bytesRead) : Buffer.alloc(length);
    read += bytesRead > 0 ? bytesRead : length;
  }
}

/** The latest time, in seconds, that tar-stream writes right into the header itself. */
const LATEST_IN_HEADER = 2 ** 31 - 1;

const headerOf = (name: string, { mode, mtimeMs }: Stats): Partial<Header> & Pick<Header, 'name'> => {
  const seconds = Math.floor(mtimeMs / 1_000);
  const inHeader = Math.min(Math.max(seconds, 0), LATEST_IN_HEADER);
  return {
    name,
    // With the bits of its type, which tar-stream takes away: a mode of 0 it would take for none.
    mode,
    mtime: new Date(inHeader * 1_000),
    ...(inHeader === seconds ? {} : { pax: { mtime: String(seconds) } }),
  };
};
