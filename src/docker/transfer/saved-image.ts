/**
 * What a `docker save` archive says of the image in it, for both layouts that engines write: `manifest.json` alone, with a folder per
 * layer (up to 24), and an OCI layout with a `manifest.json` beside it (from 25 on, where the containerd store may leave the latter
 * out). Pure: the archive's JSON documents in, the image out.
 */
import { EngineError } from '../errors.ts';
import { chainIds, digestOf } from './chain-ids.ts';

/** The archive's JSON files, by path. */
export type Documents = ReadonlyMap<string, Uint8Array>;

export type SavedImage = {
  readonly config: Uint8Array;
  /** From the bottom up. */
  readonly layers: readonly SavedLayer[];
};

export type SavedLayer = {
  /** Where its content is in the archive. */
  readonly path: string;
  /** The digest of its tar, uncompressed. */
  readonly diffId: string;
  readonly chainId: string;
};

/** Where to look in the archive for an image's parts. */
type Parts = { readonly configPath: string; readonly layerPaths: readonly string[] };

type DockerManifest = readonly { readonly Config: string; readonly Layers: readonly string[] | null }[];
type Descriptor = { readonly digest: string };
type OciDocument = {
  readonly config?: Partial<Descriptor>;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
};
type ImageConfig = { readonly os?: string; readonly rootfs?: { readonly diff_ids?: readonly string[] | null } };

/**
 * The image that an engine calls by one of `ids`: the digest of its config, or in the containerd store that of its manifest or of its
 * index. Throws when the archive holds no such image.
 */
export const findSavedImage = (documents: Documents, ids: readonly string[]): SavedImage => {
  const namers = ociDocuments(documents);
  for (const parts of [...dockerParts(documents), ...ociParts(namers)]) {
    const config = documents.get(parts.configPath);
    if (config !== undefined && isImage(config) && isNamed(config, ids, namers)) return savedImage(config, parts.layerPaths);
  }
  throw new EngineError(`the archive that the engine made holds another image than ${ids.join(', ')}, or none`);
};

const savedImage = (config: Uint8Array, paths: readonly string[]): SavedImage => {
  const diffIds = parse<ImageConfig>(config).rootfs?.diff_ids ?? [];
  if (diffIds.length !== paths.length)
    throw new EngineError(`the image has ${diffIds.length} layers, and the archive that the engine made names ${paths.length}`);
  const chains = chainIds(diffIds);
  const layers = paths.map((path, index) => ({ path, diffId: diffIds[index] ?? '', chainId: chains[index] ?? '' }));
  return { config, layers };
};

const dockerParts = (documents: Documents): readonly Parts[] => {
  const manifest = documents.get('manifest.json');
  if (manifest === undefined) return [];
  return parse<DockerManifest>(manifest).map(({ Config, Layers }) => ({ configPath: Config, layerPaths: Layers ?? [] }));
};

/** Images have a `config`, too, of another kind. */
const ociParts = (documents: ReadonlyMap<string, OciDocument>): readonly Parts[] =>
  [...documents.values()].flatMap(({ config, layers }) =>
    config?.digest === undefined || layers === undefined
      ? []
      : [{ configPath: blobPath(config.digest), layerPaths: layers.map(({ digest }) => blobPath(digest)) }],
  );

/** Manifests and indexes by their digests. */
const ociDocuments = (documents: Documents): ReadonlyMap<string, OciDocument> =>
  new Map(
    [...documents].filter(([path]) => isBlobPath(path)).map(([, content]) => [digestOf(content), parse<OciDocument>(content)]),
  );

/** What build provenance hangs on an image looks like one, for an unknown system. */
const isImage = (config: Uint8Array): boolean => {
  const { os, rootfs } = parse<ImageConfig>(config);
  return rootfs !== undefined && os !== 'unknown';
};

/** Whether one of the ids is the config's digest, or that of a manifest or an index which leads to it. */
const isNamed = (config: Uint8Array, ids: readonly string[], namers: ReadonlyMap<string, OciDocument>): boolean => {
  const leadsTo = (id: string, target: string): boolean => {
    if (id === target) return true;
    const { config: next, manifests = [] } = namers.get(id) ?? {};
    return next?.digest === target || manifests.some(({ digest }) => leadsTo(digest, target));
  };
  return ids.some(id => leadsTo(id, digestOf(config)));
};

const BLOBS = 'blobs/sha256/';

const blobPath = (digest: string): string => `${BLOBS}${digest.replace(/^sha256:/, '')}`;

const isBlobPath = (path: string): boolean => path.startsWith(BLOBS);

/** Whether a path names what is there: the digest of a blob, or of a layer and all below it (engines up to 24). */
export const isContentName = (path: string): boolean =>
  /^blobs\/sha256\/[0-9a-f]{64}$/.test(path) || /^[0-9a-f]{64}\/layer\.tar$/.test(path);

/** Whether content with this digest is what the image's config and the archive's own name for it say. Blobs may be compressed. */
export const isLayerContent = ({ path, diffId }: SavedLayer, digest: string): boolean =>
  isBlobPath(path) ? path === blobPath(digest) : digest === diffId;

/** From the engine, so what it is documented to be; documents of other kinds lack the fields that are asked for. */
const parse = <T>(content: Uint8Array): T => JSON.parse(Buffer.from(content).toString('utf8'));
