/**
 * The layers of images on their way, in files: each compressed once, whoever sends it, and sent while it is still written. A segment is
 * a zstd stream of whole frames, so that it stands between others as it is. Nothing here outlives the server.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../base/error-code.ts';
import { compress } from '../../base/zstd.ts';
import { createGrowth, type Growth } from './growth.ts';
import { isContentName } from './saved-image.ts';

/** A layer as it comes out of an archive, maybe not to its end yet. */
export type Segment = {
  /** Of the content, in bytes. */
  readonly size: number;
  /** Resolves when all of it is in a file; rejects with what became of that instead. */
  readonly written: Promise<WrittenSegment>;
  /** The content, compressed, from its beginning to its end, as it comes. For any number of readers, each at its own pace. */
  read(signal: AbortSignal): AsyncIterable<Uint8Array>;
};

export type WrittenSegment = Segment & {
  /** Of the content: `sha256:…`. */
  readonly digest: string;
  /** As it lies in the file and travels. */
  readonly bytes: number;
};

/** Keeps the segments that one image is made of. */
export type Lease = {
  /** A segment that is there already, for an entry whose name says what is in it. */
  find(name: string): Segment | null;
  /**
   * Begins a segment, which becomes one that is there when that turns out to have the same content. Leaves nothing half-written.
   * `size`: of the content, in bytes.
   */
  write(name: string, size: number, content: AsyncIterable<Uint8Array>): Segment;
  /** The segments that no other lease keeps are removed. Once, and not while one is written. */
  release(): Promise<void>;
};

export type SegmentStore = {
  lease(): Lease;
  /** In all files. */
  bytes(): number;
};

type Kept = {
  readonly segment: WrittenSegment;
  readonly file: string;
  readonly names: Set<string>;
  readonly leases: Set<Lease>;
};

const SUFFIX = '.tar.zst';
const READ_BYTES = 1 << 20;

/** A store in a folder of its own, where it removes what a server that was killed left. */
export const createSegmentStore = (folder: string): SegmentStore => {
  let prepared = prepare(folder);
  prepared.catch(() => undefined);
  const byDigest = new Map<string, Kept>();
  const byName = new Map<string, Kept>();
  let files = 0;

  const keep = (kept: Kept, lease: Lease, name: string): WrittenSegment => {
    kept.leases.add(lease);
    if (isContentName(name)) {
      kept.names.add(name);
      byName.set(name, kept);
    }
    return kept.segment;
  };

  const forget = async ({ segment, file, names }: Kept): Promise<void> => {
    byDigest.delete(segment.digest);
    for (const name of names) byName.delete(name);
    await rm(file, { force: true });
  };

  const write = (lease: Lease, name: string, size: number, content: AsyncIterable<Uint8Array>): Segment => {
    // What went wrong before may be right now.
    prepared = prepared.catch(() => prepare(folder));
    // Never the name of a file that was there: it may be on its way out.
    files += 1;
    const file = join(folder, `${files}${SUFFIX}`);
    const growth = createGrowth();

    async function* read(signal: AbortSignal): AsyncGenerator<Uint8Array> {
      await growth.beyond(0, signal);
      // Where the same content was there before, its own file is removed, and the other one has the same bytes.
      await using opened = (await openIfThere(file)) ?? (await open((await kept).file));
      yield* readGrowing(opened, growth, signal);
    }

    const finish = async (): Promise<Kept> => {
      await prepared;
      const { digest, bytes } = await writeSegment(file, content, growth);
      const sameContent = byDigest.get(digest);
      if (sameContent !== undefined) await rm(file);
      const kept = sameContent ?? { segment: { size, read, written, digest, bytes }, file, names: new Set(), leases: new Set() };
      byDigest.set(digest, kept);
      keep(kept, lease, name);
      return kept;
    };

    const kept = finish().catch(async error => {
      await rm(file, { force: true });
      const failure = hasCode(error, 'ENOSPC', 'EDQUOT') ? fullDisk(folder, error) : error;
      growth.fail(failure);
      throw failure;
    });
    const written = kept.then(({ segment }) => segment);
    return { size, written, read };
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

/** Compresses into a new file. The file is there when `growth` begins, and whole when it ends. */
const writeSegment = async (
  path: string,
  content: AsyncIterable<Uint8Array>,
  growth: Growth,
): Promise<Pick<WrittenSegment, 'digest' | 'bytes'>> => {
  const hash = createHash('sha256');
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      hash.update(chunk);
      yield chunk;
    }
  }
  await using file = await open(path, 'wx');
  let bytes = 0;
  for await (const frame of compress(hashed())) {
    await file.writeFile(frame);
    bytes += frame.length;
    growth.grow(bytes);
  }
  growth.end();
  return { digest: `sha256:${hash.digest('hex')}`, bytes };
};

const openIfThere = async (path: string): Promise<FileHandle | null> => {
  try {
    return await open(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
};

async function* readGrowing(file: FileHandle, growth: Growth, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    const length = Math.min((await growth.beyond(at, signal)) - at, READ_BYTES);
    if (length === 0) return;
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
    if (bytesRead === 0) throw new Error('a file of an image on its way to nodes was cut short by someone else');
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

const fullDisk = (folder: string, cause: unknown): Error =>
  new Error(`no room in ${folder} for images on their way to nodes: make room on that disk, then run the job again`, { cause });
