import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { EngineError } from '../errors.ts';
import { findSavedImage, isLayerContent, type SavedImage, type SavedLayer } from './saved-image.ts';
import type { Lease, Segment, WrittenSegment } from './segments.ts';

/** An image with all its layers in segments. */
export type KeptImage = Pick<SavedImage, 'config'> & { readonly layers: readonly KeptLayer[] };
export type KeptLayer = Pick<SavedLayer, 'chainId'> & { readonly segment: WrittenSegment };

/** Larger ones are layers without a look. Configs are as long as their image's history, manifests shorter. */
const LARGEST_DOCUMENT_BYTES = 4 << 20;

/** An entry's content. */
type Content = AsyncIterable<Uint8Array> & { resume(): unknown };

/** What an archive holds, by path. */
type Contents = {
  readonly documents: Map<string, Uint8Array>;
  readonly segments: Map<string, WrittenSegment>;
  /** Engines up to 24 write a layer that an image has twice once, and a link for the other. */
  readonly links: Map<string, string>;
};

/**
 * Reads a `docker save` archive to its end, every layer into a segment of the lease, and picks the image that goes by one of `ids`.
 * Which entries are its layers stands in a document that may come last, so that nothing can be left out but what is kept already.
 * `onSegment` hears of each as it begins: likely a layer of the image, and not checked yet.
 */
export const readArchive = async (
  archive: AsyncIterable<Uint8Array>,
  ids: readonly string[],
  lease: Lease,
  onSegment: (segment: Segment) => void,
): Promise<KeptImage> => {
  const { documents, segments, links } = await readContents(archive, lease, onSegment);
  const image = findSavedImage(documents, ids);
  const keptLayer = (layer: SavedLayer): KeptLayer => {
    const path = links.get(layer.path) ?? layer.path;
    const segment = segments.get(path);
    if (segment === undefined || !isLayerContent({ ...layer, path }, segment.digest))
      throw new EngineError(`layer ${layer.diffId} is missing in the archive that the engine made, or damaged`);
    return { chainId: layer.chainId, segment };
  };
  return { config: image.config, layers: image.layers.map(keptLayer) };
};

const readContents = async (
  archive: AsyncIterable<Uint8Array>,
  lease: Lease,
  onSegment: (segment: Segment) => void,
): Promise<Contents> => {
  const contents: Contents = { documents: new Map(), segments: new Map(), links: new Map() };
  const keep: Keep = async (name, size, content) => {
    const segment = lease.find(name) ?? lease.write(name, size, content);
    onSegment(segment);
    contents.segments.set(name, await segment.written);
  };
  const entries = extract();
  const source = Readable.from(archive, { objectMode: false });
  // Its failure destroys the entries, whose reader hears of it below.
  const fed = pipeline(source, entries).catch(() => undefined);
  try {
    for await (const entry of entries) await readEntry(contents, keep, entry.header, entry as AsyncIterable<unknown> as Content);
    return contents;
  } finally {
    source.destroy();
    await fed;
  }
};

/** Makes a segment of an entry. */
type Keep = (name: string, size: number, content: AsyncIterable<Uint8Array>) => Promise<void>;

const readEntry = async ({ documents, links }: Contents, keep: Keep, header: Header, entry: Content): Promise<void> => {
  const { name, type, size = 0, linkname } = header;
  if (type === 'symlink') links.set(name, posix.join(posix.dirname(name), linkname ?? ''));
  else if (type === 'file' && size > LARGEST_DOCUMENT_BYTES) await keep(name, size, entry);
  else if (type === 'file') {
    const content = Buffer.concat(await Array.fromAsync(entry));
    if (isJson(content)) documents.set(name, content);
    else await keep(name, size, Readable.from([content]));
  }
  entry.resume();
};

/** Told by the content, as blobs have digests for names. No layer is JSON: a tar has zeros in it, and so has what compresses one. */
const isJson = (content: Buffer): boolean => {
  try {
    JSON.parse(content.toString('utf8'));
    return true;
  } catch {
    return false;
  }
};
