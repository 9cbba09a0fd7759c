import type { Log } from '../../base/log.ts';
import type { Engine } from '../engine.ts';
import { toEngineError } from '../errors.ts';
import type { FoundImage } from '../images.ts';
import { chunksOf, dialStream } from '../stream.ts';
import { type ImageInReading, startReading } from './image-in-reading.ts';
import { type KeptImage, readArchive } from './read-archive.ts';
import { createSegmentStore, type Lease, type Segment } from './segments.ts';

/** The images of the engine that all are uploaded to, each read from it once for all nodes. */
export type Library = {
  /**
   * Lends an image, read or still in reading, for as long as `use` takes; its segments stay where they are. Whom it is lent to while
   * somebody has it gets the same, unless its reading failed: then it is read anew.
   */
  lend<T>(image: SourceImage, use: (image: ImageInReading) => Promise<T>): Promise<T>;
  /** Stops reading, and removes all files. Nobody may borrow any more. */
  close(): Promise<void>;
};

/** An image on the engine it is read from. `id`: as jobs name it. */
export type SourceImage = FoundImage & { readonly id: string };

/** How long an image that nobody sends is kept for the nodes to come: in a job that grows its pool one follows the other. */
const KEEP_MS = 30 * 60_000;

/** What is kept for nodes to come is no more than this; images under way may take more. */
const KEEP_BYTES = 8 * 2 ** 30;

const TRIM_INTERVAL_MS = 60_000;

type Entry = {
  readonly id: string;
  readonly image: ImageInReading;
  readonly lease: Lease;
  readonly stop: AbortController;
  users: number;
  lastUsedAt: number;
};

/** `folder`: for files, all its own. */
export const createLibrary = (source: Engine, folder: string, log: Log): Library => {
  const store = createSegmentStore(folder);
  const entries = new Set<Entry>();

  const drop = async (entry: Entry): Promise<void> => {
    entries.delete(entry);
    entry.stop.abort(new Error('nobody waits for the image any more'));
    await entry.image.whole.catch(() => undefined);
    await entry.lease.release();
  };

  const begin = (image: SourceImage): Entry => {
    const lease = store.lease();
    const stop = new AbortController();
    const inReading = startReading(onSegment => readImage(source, image, lease, onSegment, stop.signal));
    const entry: Entry = { id: image.id, image: inReading, lease, stop, users: 0, lastUsedAt: 0 };
    entries.add(entry);
    return entry;
  };

  /** Drops what was not read to its end, what has not been used for long, and the oldest of what is too much. */
  const trim = async (): Promise<void> => {
    const unused = [...entries].filter(({ users }) => users === 0).toSorted((a, b) => a.lastUsedAt - b.lastUsedAt);
    for (const entry of unused) {
      const isOld = entry.lastUsedAt < performance.now() - KEEP_MS;
      if (entry.users === 0 && (entry.image.state() !== 'read' || isOld || store.bytes() > KEEP_BYTES)) await drop(entry);
    }
  };

  const trimming = setInterval(() => void tidy(), TRIM_INTERVAL_MS);
  trimming.unref();
  const tidy = (): Promise<void> => trim().catch(error => log.warn({ err: error }, 'images on their way to nodes stay in files'));

  const lend: Library['lend'] = async (image, use) => {
    const known = [...entries].find(({ id, image: { state } }) => id === image.id && state() !== 'failed');
    const entry = known ?? begin(image);
    entry.users += 1;
    try {
      return await use(entry.image);
    } finally {
      entry.users -= 1;
      entry.lastUsedAt = performance.now();
      await tidy();
    }
  };

  const close = async (): Promise<void> => {
    clearInterval(trimming);
    await Promise.all([...entries].map(drop));
  };

  return { lend, close };
};

const readImage = async (
  source: Engine,
  image: SourceImage,
  lease: Lease,
  onSegment: (segment: Segment) => void,
  signal: AbortSignal,
): Promise<KeptImage> => {
  const what = `save image ${image.id}`;
  try {
    // No time limit: the engine puts the whole archive on its disk before it sends the first byte.
    const archive = await dialStream(source, { method: 'GET', path: `/images/${image.reference}/get`, query: {} }, signal);
    return await readArchive(chunksOf(what, archive), [image.id, image.inspected.Id], lease, onSegment);
  } catch (error) {
    signal.throwIfAborted();
    throw toEngineError(what, error);
  }
};
