import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decompress } from '../../../src/base/zstd.ts';
import { archiveWithout } from '../../../src/docker/transfer/archive.ts';
import { chainIds } from '../../../src/docker/transfer/chain-ids.ts';
import { type KeptImage, readArchive } from '../../../src/docker/transfer/read-archive.ts';
import { createSegmentStore, type Lease } from '../../../src/docker/transfer/segments.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import {
  configOf,
  digest,
  dockerManifest,
  type Files,
  json,
  legacyFiles,
  ociFiles,
  ociIndex,
  ociManifest,
  tarOf,
} from './archives.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let lease: Lease;

beforeEach(async () => {
  folder = await temporaryFolder();
  lease = createSegmentStore(folder.path).lease();
});

afterEach(() => folder[Symbol.asyncDispose]());

/** Layers as an engine has them: tars of a file each. */
const tars = (...texts: readonly string[]): Promise<Buffer[]> => Promise.all(texts.map(it => tarOf({ file: Buffer.from(it) })));

const read = async (files: Files, ...ids: readonly string[]): Promise<KeptImage> =>
  readArchive(Readable.from([await tarOf(files)]), ids, lease);

const diffIds = (image: KeptImage): readonly string[] => image.layers.map(({ segment }) => segment.digest);

/** An archive as a node would read it. */
const unpacked = async (image: KeptImage, had: readonly string[]): Promise<ReadonlyMap<string, Buffer>> => {
  const archive = await archiveWithout(`sha256:${'a'.repeat(64)}`, image, new Set(had));
  const compressed = await buffer(archive.read());
  expect(compressed).toHaveLength(archive.bytes);
  const files = new Map<string, Buffer>();
  const entries = extract();
  Readable.from(decompress(Readable.from([compressed]))).pipe(entries);
  for await (const entry of entries)
    files.set(entry.header.name, await buffer(entry as AsyncIterable<unknown> as AsyncIterable<Buffer>));
  return files;
};

describe('an archive of docker save', () => {
  it('is read as engines up to 24 write it, manifest last', async () => {
    const layers = await tars('base', 'top');
    const image = await read(legacyFiles(layers), digest(configOf(layers)));
    expect(image.config).toEqual(configOf(layers));
    expect(diffIds(image)).toEqual(layers.map(digest));
    expect(image.layers.map(it => it.chainId)).toEqual(chainIds(layers.map(digest)));
  });

  it('may have the same layer twice, the second time as a link', async () => {
    const [layer = Buffer.alloc(0)] = await tars('same');
    const image = await read(legacyFiles([layer, layer]), digest(configOf([layer, layer])));
    expect(diffIds(image)).toEqual([digest(layer), digest(layer)]);
    expect((await readdir(folder.path)).length).toBe(1);
  });

  it('is read as engines from 25 on write it, by the digest of its config', async () => {
    const layers = await tars('base', 'top');
    const config = configOf(layers);
    const manifest = ociManifest(config, layers);
    const files = { ...ociFiles(manifest, [config, manifest], layers), ...dockerManifest(config, layers) };
    expect(diffIds(await read(files, digest(config)))).toEqual(layers.map(digest));
  });

  it('is read as the containerd store writes it: named by its manifest or its index, layers compressed, no manifest.json', async () => {
    const layers = await tars('base', 'top');
    const stored = layers.map(it => gzipSync(it));
    const config = configOf(layers);
    const manifest = ociManifest(config, stored);
    const provenance = configOf([json({ predicate: {} })], 'unknown');
    const attestation = ociManifest(provenance, [json({ predicate: {} })]);
    const index = ociIndex(attestation, manifest);
    const files = ociFiles(index, [config, manifest, provenance, attestation, index], stored);
    for (const named of [index, manifest, config]) {
      const image = await read(files, digest(named));
      expect(diffIds(image)).toEqual(stored.map(digest));
      expect(image.layers.map(it => it.chainId)).toEqual(chainIds(layers.map(digest)));
    }
  });

  it('is refused when it holds another image, or none', async () => {
    const layers = await tars('base');
    await expect(read(legacyFiles(layers), `sha256:${'0'.repeat(64)}`)).rejects.toThrow(/holds another image than sha256:0000/);
    await expect(read({}, digest(configOf(layers)))).rejects.toThrow(/holds another image/);
  });

  it('is refused when a layer is not what the config says, is missing, or is named too often', async () => {
    const [base = Buffer.alloc(0), top = Buffer.alloc(0)] = await tars('base', 'top');
    const config = configOf([base]);
    await expect(read(legacyFiles([top], config), digest(config))).rejects.toThrow(/missing in the archive .*, or damaged/);
    await expect(read(legacyFiles([base, top], config), digest(config))).rejects.toThrow(/has 1 layers, .* names 2/);
    const manifest = ociManifest(config, [base]);
    await expect(read(ociFiles(manifest, [config, manifest], []), digest(config))).rejects.toThrow(/missing in the archive/);
  });

  it('is refused when it breaks off; nothing half-written stays', async () => {
    const layers = [await tarOf({ file: Buffer.alloc(6 << 20, 'x') })];
    const whole = await tarOf(legacyFiles(layers));
    await expect(readArchive(Readable.from([whole.subarray(0, 5 << 20)]), [digest(configOf(layers))], lease)).rejects.toThrow();
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe('what a node gets', () => {
  it('is the layers that it lacks, the config and a manifest that names all, with the tag of the transfer', async () => {
    const layers = await tars('base', 'middle', 'top');
    const config = configOf(layers);
    const image = await read(legacyFiles(layers), digest(config));
    const files = await unpacked(image, chainIds(layers.map(digest)).slice(0, 2));
    const names = image.layers.map(({ segment }) => segment.name);
    const configName = `${digest(config).replace('sha256:', '')}.json`;
    expect([...files.keys()]).toEqual([names[2], configName, 'manifest.json']);
    expect(files.get(names[2] ?? '')).toEqual(layers[2]);
    expect(files.get(configName)).toEqual(config);
    expect(JSON.parse(String(files.get('manifest.json')))).toEqual([
      { Config: configName, RepoTags: [`alfred-transfer:${'a'.repeat(64)}`], Layers: names },
    ]);
  });

  it('has a layer that the node has on another base only', async () => {
    const layers = await tars('base', 'top');
    const image = await read(legacyFiles(layers), digest(configOf(layers)));
    const elsewhere = chainIds([digest('another base'), digest(layers[1] ?? '')]);
    expect((await unpacked(image, elsewhere)).size).toBe(4);
  });
});

describe('layers in files', () => {
  it('are shared by images, and stay until the last one that has them is given up', async () => {
    await using elsewhere = await temporaryFolder();
    const store = createSegmentStore(elsewhere.path);
    const [base = Buffer.alloc(0), one = Buffer.alloc(0), other = Buffer.alloc(0)] = await tars('base', 'one', 'other');
    const [first, second] = [store.lease(), store.lease()];
    const keep = async (layers: readonly Buffer[], by: Lease): Promise<unknown> =>
      readArchive(Readable.from([await tarOf(legacyFiles(layers))]), [digest(configOf(layers))], by);
    await keep([base, one], first);
    await keep([base, other], second);
    expect(await readdir(elsewhere.path)).toHaveLength(3);
    await first.release();
    expect(await readdir(elsewhere.path)).toHaveLength(2);
    await second.release();
    expect(await readdir(elsewhere.path)).toEqual([]);
    expect(store.bytes()).toBe(0);
  });

  it('of a server that was killed go when the next one starts; files of others stay', async () => {
    await using elsewhere = await temporaryFolder();
    await writeFile(join(elsewhere.path, '7.tar.zst'), 'half');
    await writeFile(join(elsewhere.path, 'notes'), 'mine');
    const store = createSegmentStore(elsewhere.path);
    const segment = await store.lease().write('x/layer.tar', 3, Readable.from([Buffer.from('abc')]));
    expect((await readdir(elsewhere.path)).toSorted()).toEqual(['1.tar.zst', 'notes']);
    expect(await readFile(segment.file)).toHaveLength(segment.bytes);
  });
});
