/**
 * The layers of images on their way, in files: each compressed once, whoever sends it. A segment is a zstd stream of whole frames
 * with the layer's tar entry in it, so a tar of any layers is their segments one after the other. Nothing here outlives the server.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../base/error-code.ts';
import { compress } from '../../base/zstd.ts';
import { isContentName } from './saved-image.ts';
import { tarEntry } from './tar-entry.ts';

export type Segment = {
  /** Of the entry, as the archive that it came from had it. */
  readonly name: string;
  /** Of the content: `sha256:…`. */
  readonly digest: string;
  /** As it lies in the file and travels. */
  readonly bytes: number;
  readonly file: string;
};

/** Keeps the segments that one image is made of. */
export type Lease = {
  /** A segment that is there already, for an entry whose name says what is in it. */
  find(name: string): Segment | null;
  /** Writes a segment, or finds that one with this content is there. Leaves nothing half-written. `size`: of the content, in bytes. */
  write(name: string, size: number, content: AsyncIterable<Uint8Array>): Promise<Segment>;
  /** The segments that no other lease keeps are removed. Once, and not while one is written. */
  release(): Promise<void>;
};

export type SegmentStore = {
  lease(): Lease;
  /** In all files. */
  bytes(): number;
};

type Kept = { readonly segment: Segment; readonly names: Set<string>; readonly leases: Set<Lease> };

const SUFFIX = '.tar.zst';
const READ_BYTES = 1 << 20;

/** A store in a folder of its own, where it removes what a server that was killed left. */
export const createSegmentStore = (folder: string): SegmentStore => {
  let prepared = prepare(folder);
  prepared.catch(() => undefined);
  const byDigest = new Map<string, Kept>();
  const byName = new Map<string, Kept>();
  let files = 0;

  const keep = (kept: Kept, lease: Lease, name: string): Segment => {
    kept.leases.add(lease);
    if (isContentName(name)) {
      kept.names.add(name);
      byName.set(name, kept);
    }
    return kept.segment;
  };

  const forget = async ({ segment, names }: Kept): Promise<void> => {
    byDigest.delete(segment.digest);
    for (const name of names) byName.delete(name);
    await rm(segment.file, { force: true });
  };

  const write = async (lease: Lease, name: string, size: number, content: AsyncIterable<Uint8Array>): Promise<Segment> => {
    // What went wrong before may be right now.
    prepared = prepared.catch(() => prepare(folder));
    // Never the name of a file that was there: it may be on its way out.
    files += 1;
    const file = join(folder, `${files}${SUFFIX}`);
    try {
      await prepared;
      const written = { name, file, ...(await writeSegment(file, name, size, content)) };
      const sameContent = byDigest.get(written.digest);
      if (sameContent !== undefined) await rm(file);
      const kept = sameContent ?? { segment: written, names: new Set(), leases: new Set() };
      byDigest.set(written.digest, kept);
      return keep(kept, lease, name);
    } catch (error) {
      await rm(file, { force: true });
      throw hasCode(error, 'ENOSPC', 'EDQUOT') ? fullDisk(folder, error) : error;
    }
  };

  const lease = (): Lease => {
    const self: Lease = {
      find: name => {
        const kept = byName.get(name);
        return kept === undefined ? null : keep(kept, self, name);
      },
      write: (name, size, content) => write(self, name, size, content),
      release: async () => {
        const mine = [...byDigest.values()].filter(kept => kept.leases.delete(self));
        await Promise.all(mine.filter(({ leases }) => leases.size === 0).map(forget));
      },
    };
    return self;
  };

  return { lease, bytes: () => byDigest.values().reduce((sum, { segment }) => sum + segment.bytes, 0) };
};

const prepare = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) if (name.endsWith(SUFFIX)) await rm(join(folder, name));
};

/** What a segment's file holds. */
export const readSegment = ({ file }: Segment): AsyncIterable<Uint8Array> =>
  createReadStream(file, { highWaterMark: READ_BYTES });

const writeSegment = async (
  path: string,
  name: string,
  size: number,
  content: AsyncIterable<Uint8Array>,
): Promise<Pick<Segment, 'digest' | 'bytes'>> => {
  const hash = createHash('sha256');
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      hash.update(chunk);
      yield chunk;
    }
  }
  await using file = await open(path, 'wx');
  await file.writeFile(compress(tarEntry(name, size, hashed())));
  return { digest: `sha256:${hash.digest('hex')}`, bytes: (await file.stat()).size };
};

const fullDisk = (folder: string, cause: unknown): Error =>
  new Error(`no room in ${folder} for images on their way to nodes: make room on that disk, then run the job again`, { cause });
