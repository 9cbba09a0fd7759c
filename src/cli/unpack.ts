/** Unpacks an artifact. What it holds was made by programs under test: nothing of it may land outside its folder. */
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { hasCode } from '../base/error-code.ts';
import { pathInside } from '../base/path-inside.ts';
import { decompress } from '../base/zstd.ts';
import { UsageError } from './errors.ts';

/** Entries that were left out, by name. */
export type Unpacked = { readonly leftOut: readonly string[] };

/**
 * Unpacks a `.tar.zst` as `folder`, whole or not at all. Throws {@link UsageError} when there is such a folder already, and
 * what the archive's own faults throw. Links that lead out of the folder, devices and their kin are left out.
 */
export const unpackArtifact = async (
  archive: AsyncIterable<Uint8Array>,
  folder: string,
  signal: AbortSignal,
): Promise<Unpacked> => {
  await mkdir(dirname(folder), { recursive: true });
  // New and private: no link can be waiting in it to be followed.
  const scratch = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  try {
    const unpacked = await unpackInto(scratch, archive, signal);
    await takePlace(scratch, folder);
    return unpacked;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

const takePlace = async (scratch: string, folder: string): Promise<void> => {
  try {
    // Replaces an empty folder, and fails on any other.
    await rename(scratch, folder);
  } catch (cause) {
    if (!hasCode(cause, 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) throw cause;
    throw new UsageError(`${relative(process.cwd(), folder)} is there already: remove it, or name another place with -o`, {
      cause,
    });
  }
};

const unpackInto = async (folder: string, archive: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Unpacked> => {
  const leftOut: string[] = [];
  const links: Header[] = [];
  const entries = extract();
  const feeding = pipeline(decompress(archive), entries, { signal });
  // Its error ends the loop below as well, which is where it is met.
  feeding.catch(() => undefined);
  for await (const entry of entries) {
    const { header } = entry;
    const path = pathOf(folder, header.name);
    if (header.type === 'file') await writeFile(entry as AsyncIterable<Uint8Array>, path, header);
    else if (header.type === 'directory') await mkdir(path, { recursive: true });
    else if (header.type === 'symlink') links.push(header);
    else leftOut.push(header.name);
    entry.resume();
  }
  await feeding;
  for (const link of links) if (!(await makeLink(folder, link))) leftOut.push(link.name);
  return { leftOut };
};

const pathOf = (folder: string, name: string): string =>
  name
    .split('/')
    .filter(segment => segment !== '' && segment !== '.')
    .reduce(pathInside, folder);

const writeFile = async (content: AsyncIterable<Uint8Array>, path: string, { mode }: Header): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  // The owner must be able to read and remove it, whoever wrote it in its container.
  await pipeline(content, createWriteStream(path, { mode: ((mode ?? 0o644) & 0o777) | 0o600 }));
};

/** Made last, so that nothing is ever written through one. `false` for one that leads out of the folder. */
const makeLink = async (folder: string, { name, linkname }: Header): Promise<boolean> => {
  const path = pathOf(folder, name);
  const target = relative(folder, resolve(dirname(path), linkname ?? ''));
  if (linkname == null || target === '..' || target.startsWith('../')) return false;
  await mkdir(dirname(path), { recursive: true });
  await symlink(linkname, path);
  return true;
};
