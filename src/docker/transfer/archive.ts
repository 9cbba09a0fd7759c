import { Readable } from 'node:stream';
import { untilAborted } from '../../base/until-aborted.ts';
import { compress } from '../../base/zstd.ts';
import { transferTag } from '../images.ts';
import { chainIds, digestOf } from './chain-ids.ts';
import type { ImageInReading } from './image-in-reading.ts';
import type { KeptImage, KeptLayer } from './read-archive.ts';
import type { Segment } from './segments.ts';
import { TAR_END, tarFile, tarHeader, tarPadding } from './tar-entry.ts';

/** What a receiver has of an image's layers. */
export type Lack = {
  /** How many it lacks. */
  readonly layers: number;
  /** How many the image has. */
  readonly of: number;
  /** Whether it has none of them, so that all that comes can be sent at once. */
  readonly isAll: boolean;
  lacks(layer: Pick<KeptLayer, 'chainId'>): boolean;
  /** Whether a layer that it lacks has this content. */
  lacksContent(digest: string): boolean;
};

/** `diffIds`: the image's layers, from the bottom up; `had`: the chain ids of those on the receiver. */
export const findLack = (diffIds: readonly string[], had: ReadonlySet<string>): Lack => {
  const chains = chainIds(diffIds);
  const contents = diffIds.filter((_, index) => !had.has(chains[index] ?? ''));
  return {
    layers: contents.length,
    of: diffIds.length,
    isAll: contents.length === diffIds.length,
    lacks: ({ chainId }) => !had.has(chainId),
    lacksContent: digest => contents.includes(digest),
  };
};

/**
 * An archive for `docker load`, compressed with zstd: the image without the layers that its receiver has. Begins while the image is
 * still read. Where the receiver has nothing of it, layers are sent as they come; where it has some, each as soon as it is known to be
 * lacked, which its content tells, at its end. `manifest.json` names all layers and comes last, when all is read and checked, so that
 * an archive which breaks off holds no image; it is the layout that every engine reads, and puts on the tag by which the image is found
 * where it gets another id.
 */
export async function* archiveWithout(
  imageId: string,
  image: ImageInReading,
  lack: Lack,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  /** Names in the archive, by the digest of what they name. */
  const names = new Map<string, string>();
  async function* entry(segment: Segment): AsyncGenerator<Uint8Array> {
    const name = `${names.size}/layer.tar`;
    yield* compressed(tarHeader(name, segment.size));
    yield* segment.read(signal);
    yield* compressed(tarPadding(segment.size));
    names.set((await segment.written).digest, name);
  }

  try {
    for await (const segment of image.segments(signal))
      if (lack.isAll || lack.lacksContent((await untilAborted(segment.written, signal)).digest)) yield* entry(segment);
  } catch (error) {
    // A segment fails with its image, which has the better words.
    await untilAborted(image.whole, signal);
    throw error;
  }
  const { config, layers } = await untilAborted(image.whole, signal);
  // Those whose digest is not the one that the config has: layers that the source keeps compressed.
  for (const layer of layers) if (lack.lacks(layer) && !names.has(layer.segment.digest)) yield* entry(layer.segment);
  const layerNames = layers.map(({ segment: { digest } }) => names.get(digest) ?? `${digest}/layer.tar`);
  yield* compressed(documentsOf(imageId, config, layerNames));
}

/** How much of what is sent is layers: all but a few bytes. */
export const layerBytes = ({ layers }: KeptImage, lack: Lack): number => {
  const sent = new Set(layers.filter(lack.lacks).map(({ segment }) => segment));
  return [...sent].reduce((sum, { bytes }) => sum + bytes, 0);
};

/** What an archive ends with. */
const documentsOf = (imageId: string, config: Uint8Array, layerNames: readonly string[]): Buffer => {
  const configName = `${digestOf(config).replace('sha256:', '')}.json`;
  const manifest = [{ Config: configName, RepoTags: [transferTag(imageId)], Layers: layerNames }];
  return Buffer.concat([tarFile(configName, config), tarFile('manifest.json', Buffer.from(JSON.stringify(manifest))), TAR_END]);
};

async function* compressed(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* compress(Readable.from([bytes]));
}
