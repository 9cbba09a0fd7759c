import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decompress } from '../../../src/base/zstd.ts';
import { archiveWithout, findLack } from '../../../src/docker/transfer/archive.ts';
import { chainIds } from '../../../src/docker/transfer/chain-ids.ts';
import { type ImageInReading, startReading } from '../../../src/docker/transfer/image-in-reading.ts';
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

const never = new AbortController().signal;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let lease: Lease;

beforeEach(async () => {
  folder = await temporaryFolder();
  lease = createSegmentStore(folder.path).lease();
});

afterEach(() => folder[Symbol.asyncDispose]());

/** Layers as an engine has them: tars of a file each. */
const tars = (...texts: readonly string[]): Promise<Buffer[]> => Promise.all(texts.map(it => tarOf({ file: Buffer.from(it) })));

const reading = (archive: AsyncIterable<Uint8Array>, ...ids: readonly string[]): ImageInReading =>
  startReading(onSegment => readArchive(archive, ids, lease, onSegment));

const read = async (files: Files, ...ids: readonly string[]): Promise<KeptImage> =>
  reading(Readable.from([await tarOf(files)]), ...ids).whole;

const diffIds = (image: KeptImage): readonly string[] => image.layers.map(({ segment }) => segment.digest);

const ID = `sha256:${'a'.repeat(64)}`;

/** The files of an archive as a node would read it, each as soon as it is there. */
async function* received(archive: AsyncIterable<Uint8Array>): AsyncGenerator<readonly [string, Buffer]> {
  const entries = extract();
  pipeline(decompress(archive), entries).catch(() => undefined);
  for await (const entry of entries)
    yield [entry.header.name, await buffer(entry as AsyncIterable<unknown> as AsyncIterable<Buffer>)];
}

/** All that a node gets of an image with these layers, which has those with the chain ids `had`. */
const receivedOf = async (layers: readonly Buffer[], had: readonly string[]): Promise<ReadonlyMap<string, Buffer>> => {
  const image = reading(Readable.from([await tarOf(legacyFiles(layers))]), digest(configOf(layers)));
  const lack = findLack(layers.map(digest), new Set(had));
  return new Map(await Array.fromAsync(received(archiveWithout(ID, image, lack, never))));
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
    await expect(reading(Readable.from([whole.subarray(0, 5 << 20)]), digest(configOf(layers))).whole).rejects.toThrow();
    expect(await readdir(folder.path)).toEqual([]);
  });
});

const manifestIn = (files: ReadonlyMap<string, Buffer>) => JSON.parse(String(files.get('manifest.json')))[0];

describe('what a node gets', () => {
  it('is the layers that it lacks, the config and a manifest that names all, with the tag of the transfer', async () => {
    const layers = await tars('base', 'middle', 'top');
    const config = configOf(layers);
    const files = await receivedOf(layers, chainIds(layers.map(digest)).slice(0, 2));
    const manifest = manifestIn(files);
    const top = manifest.Layers[2];
    expect(manifest).toMatchObject({
      Config: `${digest(config).replace('sha256:', '')}.json`,
      RepoTags: [`alfred-transfer:${'a'.repeat(64)}`],
    });
    expect([...files.keys()]).toEqual([top, manifest.Config, 'manifest.json']);
    expect(files.get(top)).toEqual(layers[2]);
    expect(files.get(manifest.Config)).toEqual(config);
    expect(new Set(manifest.Layers).size).toBe(3);
  });

  it('is all of it when it has nothing, each layer under its name', async () => {
    const layers = await tars('base', 'same', 'same', 'top');
    const files = await receivedOf(layers, []);
    expect(manifestIn(files).Layers.map((name: string) => files.get(name))).toEqual(layers);
    expect(files.size).toBe(5);
  });

  it('has a layer that the node has on another base only', async () => {
    const layers = await tars('base', 'top');
    const elsewhere = chainIds([digest('another base'), digest(layers[1] ?? '')]);
    expect((await receivedOf(layers, elsewhere)).size).toBe(4);
  });

  it('has layers that the source keeps compressed', async () => {
    const layers = await tars('base', 'top');
    const stored = layers.map(it => gzipSync(it));
    const config = configOf(layers);
    const manifest = ociManifest(config, stored);
    const image = reading(Readable.from([await tarOf(ociFiles(manifest, [config, manifest], stored))]), digest(manifest));
    const lack = findLack(layers.map(digest), new Set(chainIds(layers.map(digest)).slice(0, 1)));
    const files = new Map(await Array.fromAsync(received(archiveWithout(ID, image, lack, never))));
    expect(files.get(manifestIn(files).Layers[1])).toEqual(stored[1]);
    expect(files.size).toBe(3);
  });
});

describe('an image that is still read', () => {
  /** Two layers in the order of the archive, the first too large to be anything else, and where the first ends in it. */
  const half = async () => {
    const layers = [await tarOf({ file: randomBytes(20 << 20) }), await tarOf({ file: Buffer.from('top') })];
    const config = configOf(layers);
    const [manifest, stored] = [ociManifest(config, layers), layers];
    const files = { ...ociFiles(manifest, [config, manifest], stored), ...dockerManifest(config, layers) };
    return { layers, id: digest(config), archive: await tarOf(files) };
  };

  it('is on its way to a node that has nothing of it before its first layer has come to its end', async () => {
    const { layers, id, archive } = await half();
    const rest = Promise.withResolvers<void>();
    async function* slowly() {
      yield archive.subarray(0, 18 << 20);
      await rest.promise;
      yield archive.subarray(18 << 20);
    }
    const image = reading(slowly(), id);
    const sent = archiveWithout(ID, image, findLack(layers.map(digest), new Set()), never);
    let bytes = 0;
    const chunks: Uint8Array[] = [];
    while (bytes < 4 << 20) {
      const { value } = await sent.next();
      chunks.push(value);
      bytes += value.length;
    }
    expect(image.state()).toBe('inReading');
    rest.resolve();
    for await (const chunk of sent) chunks.push(chunk);
    const files = new Map(await Array.fromAsync(received(Readable.from(chunks))));
    expect(manifestIn(files).Layers.map((name: string) => digest(files.get(name) ?? ''))).toEqual(layers.map(digest));
  });

  it('ends without a manifest, and in the words of its reading, when that fails', async () => {
    const { layers, id, archive } = await half();
    async function* broken() {
      yield archive.subarray(0, 18 << 20);
      throw new Error('the engine is gone');
    }
    for (const had of [[], [digest(layers[0] ?? '')]]) {
      const image = startReading(onSegment =>
        readArchive(broken(), [id], lease, onSegment).catch(cause => Promise.reject(new Error('save image', { cause }))),
      );
      const sent = archiveWithout(ID, image, findLack(layers.map(digest), new Set(had)), never);
      const names: string[] = [];
      await expect(async () => {
        for await (const [name] of received(sent)) names.push(name);
      }).rejects.toThrow();
      await expect(image.whole).rejects.toThrow('save image');
      expect(names).toEqual([]);
    }
  });

  it('is left at once by who does not want it any more, however slowly it comes', async () => {
    const { layers, id, archive } = await half();
    const released = Promise.withResolvers<void>();
    async function* stuck() {
      yield archive.subarray(0, 1 << 20);
      await released.promise;
    }
    const image = reading(stuck(), id);
    const stop = new AbortController();
    const sent = archiveWithout(ID, image, findLack(layers.map(digest), new Set()), stop.signal);
    await sent.next();
    const next = sent.next();
    stop.abort(new Error('cancelled'));
    await expect(next).rejects.toThrow('cancelled');
    released.resolve();
    await expect(image.whole).rejects.toThrow();
  });
});

describe('layers in files', () => {
  it('are shared by images, and stay until the last one that has them is given up', async () => {
    await using elsewhere = await temporaryFolder();
    const store = createSegmentStore(elsewhere.path);
    const [base = Buffer.alloc(0), one = Buffer.alloc(0), other = Buffer.alloc(0)] = await tars('base', 'one', 'other');
    const [first, second] = [store.lease(), store.lease()];
    const keep = async (layers: readonly Buffer[], by: Lease): Promise<unknown> =>
      readArchive(Readable.from([await tarOf(legacyFiles(layers))]), [digest(configOf(layers))], by, () => undefined);
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
    await store.lease().write('x/layer.tar', 3, Readable.from([Buffer.from('abc')])).written;
    expect((await readdir(elsewhere.path)).toSorted()).toEqual(['1.tar.zst', 'notes']);
  });

  it('are there once though two archives have them under other names, and read on by who began with the one that goes', async () => {
    await using elsewhere = await temporaryFolder();
    const store = createSegmentStore(elsewhere.path);
    const content = randomBytes(6 << 20);
    const [first, second] = [store.lease(), store.lease()];
    await first.write('x/layer.tar', content.length, Readable.from([content])).written;
    const again = second.write('y/layer.tar', content.length, Readable.from([content]));
    const early = again.read(never);
    const [begun] = await Promise.all([early[Symbol.asyncIterator]().next(), again.written]);
    expect(begun.value.length).toBeGreaterThan(0);
    expect(await readdir(elsewhere.path)).toEqual(['1.tar.zst']);
    expect(digest(await buffer(decompress(again.read(never))))).toBe(digest(content));
  });
});
