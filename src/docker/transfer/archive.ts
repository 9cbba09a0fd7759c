import { compress } from '../../base/zstd.ts';
import { transferTag } from '../images.ts';
import { digestOf } from './chain-ids.ts';
import type { KeptImage } from './read-archive.ts';
import { readSegment, type Segment } from './segments.ts';
import { TAR_END, tarFile } from './tar-entry.ts';

/** An archive for `docker load`, compressed with zstd. */
export type Archive = {
  /** As it travels. */
  readonly bytes: number;
  /** How many layers are in it. */
  readonly layers: number;
  /** May be read more than once. */
  read(): AsyncIterable<Uint8Array>;
};

/**
 * The image without the layers that its receiver has, by chain id. `manifest.json` names all layers and comes last, so that an archive
 * which breaks off holds no image; it is the layout that every engine reads, and puts on the tag by which the image is found where it
 * gets another id.
 */
export const archiveWithout = async (
  imageId: string,
  { config, layers }: KeptImage,
  had: ReadonlySet<string>,
): Promise<Archive> => {
  const segments = [...new Set(layers.filter(({ chainId }) => !had.has(chainId)).map(({ segment }) => segment))];
  const configName = `${digestOf(config).replace('sha256:', '')}.json`;
  const manifest = [{ Config: configName, RepoTags: [transferTag(imageId)], Layers: layers.map(({ segment }) => segment.name) }];
  const files = [tarFile(configName, config), tarFile('manifest.json', Buffer.from(JSON.stringify(manifest))), TAR_END];
  const end = Buffer.concat(await Array.fromAsync(compress(inOne(Buffer.concat(files)))));
  return {
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, end.length),
    layers: segments.length,
    read: () => joined(segments, end),
  };
};

async function* joined(segments: readonly Segment[], end: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const segment of segments) yield* readSegment(segment);
  yield end;
}

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
