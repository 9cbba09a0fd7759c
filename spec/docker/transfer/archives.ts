/** `docker save` archives as engines of all ages write them, made by hand. */
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

export type Files = Readonly<Record<string, Buffer | { readonly link: string }>>;

export const digest = (content: Buffer | string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

const hex = (content: Buffer | string): string => digest(content).replace('sha256:', '');

export const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** A config whose layers are the given tars. */
export const configOf = (layers: readonly Buffer[], os = 'linux'): Buffer =>
  json({ architecture: 'amd64', os, config: {}, rootfs: { type: 'layers', diff_ids: layers.map(digest) } });

export const tarOf = async (files: Files): Promise<Buffer> => {
  const tar = pack();
  for (const [name, content] of Object.entries(files))
    if ('link' in content) tar.entry({ name, type: 'symlink', linkname: content.link });
    else tar.entry({ name }, content);
  tar.finalize();
  return buffer(tar as AsyncIterable<unknown> as AsyncIterable<Buffer>);
};

/** Engines up to 24: a folder per layer, `manifest.json` last. A layer that is there twice is a link the second time. */
export const legacyFiles = (layers: readonly Buffer[], config = configOf(layers)): Files => {
  const folder = (n: number): string =>
    hex(
      layers
        .slice(0, n + 1)
        .map(digest)
        .join(),
    );
  const first = (layer: Buffer): number => layers.findIndex(it => it.equals(layer));
  return {
    ...Object.fromEntries(
      layers.flatMap((layer, n): [string, Files[string]][] => [
        [`${folder(n)}/VERSION`, Buffer.from('1.0')],
        [`${folder(n)}/json`, json({ id: folder(n) })],
        [`${folder(n)}/layer.tar`, first(layer) === n ? layer : { link: `../${folder(first(layer))}/layer.tar` }],
      ]),
    ),
    [`${hex(config)}.json`]: config,
    'manifest.json': json([
      { Config: `${hex(config)}.json`, RepoTags: null, Layers: layers.map((_, n) => `${folder(n)}/layer.tar`) },
    ]),
  };
};

const blobs = (...contents: readonly Buffer[]): Files =>
  Object.fromEntries(contents.map(content => [`blobs/sha256/${hex(content)}`, content]));

const descriptor = (mediaType: string, content: Buffer) => ({ mediaType, digest: digest(content), size: content.length });

/** `stored`: the layers as the archive has them, maybe compressed. */
export const ociManifest = (config: Buffer, stored: readonly Buffer[]): Buffer =>
  json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: stored.map(it => descriptor('application/vnd.oci.image.layer.v1.tar', it)),
  });

export const ociIndex = (...manifests: readonly Buffer[]): Buffer =>
  json({ schemaVersion: 2, manifests: manifests.map(it => descriptor('application/vnd.oci.image.manifest.v1+json', it)) });

/** Engines from 25 on: an OCI layout. `documents`: configs, manifests and indexes; `top`: what `index.json` leads to. */
export const ociFiles = (top: Buffer, documents: readonly Buffer[], layers: readonly Buffer[]): Files => ({
  ...blobs(...layers, ...documents),
  'index.json': json({ schemaVersion: 2, manifests: [descriptor('application/vnd.oci.image.manifest.v1+json', top)] }),
  'oci-layout': json({ imageLayoutVersion: '1.0.0' }),
});

/** The file that engines with overlay2 and friends put beside the OCI layout. */
export const dockerManifest = (config: Buffer, stored: readonly Buffer[]): Files => ({
  'manifest.json': json([
    { Config: `blobs/sha256/${hex(config)}`, RepoTags: null, Layers: stored.map(it => `blobs/sha256/${hex(it)}`) },
  ]),
});
