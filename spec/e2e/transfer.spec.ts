/** Images on their way to nodes, for real: one engine that has them, and others of the specs' own as the nodes. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { pack } from 'tar-stream';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Engine } from '../../src/docker/engine.ts';
import { findImage, transferTag } from '../../src/docker/images.ts';
import { connectRemoteEngine } from '../../src/docker/remote-engine.ts';
import { createImageTransfers, type ImageTransfers } from '../../src/docker/transfer/transfers.ts';
import type { NodeId } from '../../src/domain/names.ts';
import { type LocalHost, localHost } from '../docker/transfer/local-host.ts';
import { describeOnEngine, theEngine } from '../support/engine.ts';
import { engineTelling } from '../support/engine-calls.ts';
import { type OwnEngine, startOwnEngine } from '../support/own-engine.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const never = new AbortController().signal;
const silent = (): void => undefined;

/** Random, so that they weigh as much on the wire. */
const LAYER_BYTES = 6_000_000;
const layer = (): Buffer => randomBytes(LAYER_BYTES);

/** Images that a spec has put on the source engine. */
let made: string[] = [];

/** Builds an image with a layer for each of the files. The same files give the same layers. Returns its id. */
const imageOf = async (...files: readonly Buffer[]): Promise<string> => {
  const { docker } = theEngine();
  const context = pack();
  const steps = files.map((_, n) => `COPY ${n} /${n}`);
  context.entry({ name: 'Dockerfile' }, ['FROM scratch', ...steps, `LABEL alfred-spec=${randomUUID()}`].join('\n'));
  for (const [n, content] of files.entries()) context.entry({ name: `${n}`, mtime: new Date(0) }, content);
  context.finalize();
  const tag = `alfred-spec/transfer:${randomUUID()}`;
  const said = await text(await docker.buildImage(Readable.from(context), { t: tag }));
  if (said.includes('"error"')) throw new Error(said);
  made.push(tag);
  return (await docker.getImage(tag).inspect()).Id;
};

type Node = { readonly id: NodeId; readonly own: OwnEngine; readonly host: LocalHost; readonly engine: Engine };

const openNode = async (name: string): Promise<Node> => {
  const own = await startOwnEngine({ liveRestore: false });
  return { id: name as NodeId, own, ...(await reach(own)) };
};

const reach = async (own: OwnEngine, path?: string): Promise<Pick<Node, 'host' | 'engine'>> => {
  const host = localHost(own.host, path);
  return { host, engine: await connectRemoteEngine(host, never) };
};

const imagesOn = async ({ own }: Pick<Node, 'own'>): Promise<readonly string[]> =>
  (await own.docker.listImages({ all: true })).flatMap(({ RepoTags }) => RepoTags ?? ['<none>']);

const removeImages = async ({ own }: Pick<Node, 'own'>): Promise<void> => {
  for (const { Id } of await own.docker.listImages()) await own.docker.getImage(Id).remove({ force: true });
};

/** All that is under way in one spec. */
type Desk = AsyncDisposable & {
  readonly folder: string;
  readonly transfers: ImageTransfers;
  /** What was asked of the source engine. */
  readonly asked: readonly string[];
  readonly progress: readonly (string | null)[];
  readonly log: readonly string[];
};

const openDesk = async (at?: string): Promise<Desk> => {
  const temporary = await temporaryFolder();
  const folder = at ?? join(temporary.path, 'transfer');
  const asked: string[] = [];
  const progress: (string | null)[] = [];
  const log: string[] = [];
  const write = (_fields: object, message: string): void => void log.push(message);
  const transfers = createImageTransfers({
    source: await engineTelling((_, request) => asked.push(request)),
    folder,
    log: { debug: write, info: write, warn: write, error: write },
    onProgress: (_, line) => progress.push(line),
  });
  return {
    folder,
    transfers,
    asked,
    progress,
    log,
    [Symbol.asyncDispose]: async () => {
      await transfers.close();
      expect(await readdir(folder)).toEqual([]);
      await temporary[Symbol.asyncDispose]();
    },
  };
};

const savesIn = (asked: readonly string[]): number => asked.filter(it => /^GET \/images\/.*\/get/.test(it)).length;

describeOnEngine('an image that a node lacks', () => {
  let node: Node;

  beforeAll(async () => {
    node = await openNode('one');
  });

  afterAll(() => node.own[Symbol.asyncDispose]());

  beforeEach(async () => {
    node = { ...node, ...(await reach(node.own)) };
  });

  afterEach(async () => {
    await removeImages(node);
    for (const tag of made) await theEngine().docker.getImage(tag).remove({ force: true });
    made = [];
  });

  it('arrives once, however many tasks wait for it, and is found by its id and by its tag', async () => {
    await using desk = await openDesk();
    const image = await imageOf(layer());
    const said: string[] = [];
    const tasks = Array.from({ length: 10 }, () =>
      desk.transfers.to(node.id, node.engine, node.host).ensure(image, line => said.push(line), never),
    );

    expect(new Set((await Promise.all(tasks)).map(it => it?.reference))).toEqual(new Set([image]));
    expect(node.host.sent()).toBeLessThan(1.5 * LAYER_BYTES);
    expect(await imagesOn(node)).toEqual([transferTag(image)]);
    expect(savesIn(desk.asked)).toBe(1);
    expect(said).toHaveLength(10);
    expect(said[0]).toMatch(/^receiving image [0-9a-f]{12}… \(6 MB\)$/);
    expect(desk.log).toEqual(['sending an image', 'sent an image']);
    expect(desk.progress).toContainEqual(expect.stringMatching(/^receiving image [0-9a-f]{12}… \d+(%| MB) \([\d.]+ MB\/s\)$/));
    expect(desk.progress.at(-1)).toBeNull();
  });

  it('brings only the layers that are new there, and the source is not asked for more than it takes', async () => {
    await using desk = await openDesk();
    const [base, old, changed] = [layer(), layer(), layer()];
    const images = desk.transfers.to(node.id, node.engine, node.host);
    await images.ensure(await imageOf(base, old), silent, never);
    const before = node.host.sent();
    const image = await imageOf(base, changed);

    expect(await images.ensure(image, silent, never)).toMatchObject({ reference: image });
    expect(node.host.sent() - before).toBeGreaterThan(LAYER_BYTES);
    expect(node.host.sent() - before).toBeLessThan(1.2 * LAYER_BYTES);
    expect(await images.ensure(image, silent, never)).toMatchObject({ reference: image });
    expect(savesIn(desk.asked)).toBe(2);
  });

  it('is sent whole when the node loses layers after it was asked what it has', async () => {
    await using desk = await openDesk();
    const base = layer();
    const first = await imageOf(base);
    const images = desk.transfers.to(node.id, node.engine, node.host);
    await images.ensure(first, silent, never);
    const second = await imageOf(base, layer());
    // As someone who prunes would, between the question and the load.
    const load = node.host.run;
    let pruned = false;
    const host = {
      ...node.host,
      run: async (...args: Parameters<typeof load>) => {
        if (args[0].includes('docker load') && !pruned) {
          pruned = true;
          await removeImages(node);
        }
        return load(...args);
      },
    };
    const later = desk.transfers.to('again' as NodeId, await connectRemoteEngine(host, never), host);

    expect(await later.ensure(second, silent, never)).toMatchObject({ reference: second });
    expect(pruned).toBe(true);
    expect(await imagesOn(node)).toEqual([transferTag(second)]);
  });

  it('goes uncompressed where the node has no zstd, or its docker command talks to another engine', async () => {
    await using desk = await openDesk();
    await using tools = await temporaryFolder();
    for (const tool of ['sh', 'docker']) await symlink(`/usr/bin/${tool}`, join(tools.path, tool));
    const bare = await reach(node.own, tools.path);
    const [one, other] = [await imageOf(layer()), await imageOf(layer())];

    expect(await desk.transfers.to(node.id, bare.engine, bare.host).ensure(one, silent, never)).toMatchObject({ reference: one });
    expect(bare.host.scripts.filter(script => script.includes('load'))).toEqual([]);

    const mixedUp = { ...localHost('unix:///var/run/docker.sock'), dialDocker: node.host.dialDocker };
    const engine = await connectRemoteEngine(mixedUp, never);
    expect(await desk.transfers.to(node.id, engine, mixedUp).ensure(other, silent, never)).toMatchObject({ reference: other });
    expect(await imagesOn(node)).toContain(transferTag(other));
  });

  it('is left to the other tasks by one that is cancelled; the last one takes all with it', async () => {
    await using desk = await openDesk();
    const image = await imageOf(layer(), layer(), layer(), layer());
    const images = desk.transfers.to(node.id, node.engine, node.host);
    const [one, other] = [new AbortController(), new AbortController()];
    node.host.hold();
    const first = images.ensure(image, silent, one.signal);
    const second = images.ensure(image, silent, other.signal);
    const [firstEnd, secondEnd] = [first, second].map(it => it.then(String, (error: Error) => error.message));
    await until(async () => node.host.scripts.some(script => script.includes('load')));
    one.abort(new Error('cancelled'));
    expect(await firstEnd).toBe('cancelled');
    other.abort(new Error('cancelled, too'));
    expect(await secondEnd).toBe('cancelled, too');

    await until(async () => desk.progress.at(-1) === null);
    expect(await findImage(node.engine, image, never)).toBeNull();
    expect(await imagesOn(node)).toEqual([]);
  });

  it('leaves no file behind when it is cancelled while it is read', async () => {
    await using desk = await openDesk();
    const image = await imageOf(layer(), layer(), layer());
    const stop = new AbortController();
    const ended = desk.transfers.to(node.id, node.engine, node.host).ensure(image, silent, stop.signal);
    const refused = expect(ended).rejects.toThrow('cancelled');
    await until(async () => (await readdir(desk.folder).catch(() => [])).length > 0);
    stop.abort(new Error('cancelled'));

    await refused;
    await until(async () => (await readdir(desk.folder)).length === 0);
    expect(await imagesOn(node)).toEqual([]);
  });

  it('arrives after all when the connection breaks in the middle, and after the node was away', async () => {
    await using desk = await openDesk();
    const image = await imageOf(layer(), layer());
    const images = desk.transfers.to(node.id, node.engine, node.host);
    node.host.hold();
    const arrives = images.ensure(image, silent, never);
    const loads = () => node.host.scripts.filter(script => script.includes('load')).length;
    await until(async () => loads() === 1);
    node.host.drop();
    await until(async () => loads() === 2);
    node.host.cut();
    node.host.release();
    node.host.mend();

    expect(await arrives).toMatchObject({ reference: image });
    expect(loads()).toBe(3);
    expect(savesIn(desk.asked)).toBe(1);
  });

  it('is not waited for when its node is gone', async () => {
    await using desk = await openDesk();
    const image = await imageOf(layer(), layer());
    node.host.hold();
    const arrives = desk.transfers.to(node.id, node.engine, node.host).ensure(image, silent, never);
    const refused = expect(arrives).rejects.toThrow('node@localhost is gone');
    await until(async () => node.host.scripts.some(script => script.includes('load')));
    node.host.cut();
    node.host.giveUp();

    await refused;
  });

  it("is nobody's when the source does not have it", async () => {
    await using desk = await openDesk();
    const images = desk.transfers.to(node.id, node.engine, node.host);
    expect(await images.ensure(`sha256:${'0'.repeat(64)}`, silent, never)).toBeNull();
  });

  it.skipIf(process.getuid?.() !== 0)('is refused in words, and leaves no file, when there is no room for it here', async () => {
    await using mounted = await temporaryFolder();
    const disk = join(mounted.path, 'disk');
    await mkdir(disk);
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=5m', 'tmpfs', disk]);
    try {
      await using desk = await openDesk(disk);
      const images = desk.transfers.to(node.id, node.engine, node.host);

      await expect(images.ensure(await imageOf(layer()), silent, never)).rejects.toThrow(
        `no room in ${disk} for images on their way to nodes: make room on that disk, then run the job again`,
      );
      expect(await readdir(disk)).toEqual([]);
      const small = await imageOf(randomBytes(1_000_000));
      expect(await images.ensure(small, silent, never)).toMatchObject({ reference: small });
    } finally {
      await execa('umount', [disk]);
    }
  });

  it('is sent from files of its own: those of a server that was killed are removed', async () => {
    await using left = await temporaryFolder();
    await writeFile(join(left.path, '1.tar.zst'), 'half');
    await using desk = await openDesk(left.path);
    const image = await imageOf(layer());

    expect(await desk.transfers.to(node.id, node.engine, node.host).ensure(image, silent, never)).toMatchObject({
      reference: image,
    });
  });

  it('is read from the source once for two nodes', async () => {
    const second = await openNode('two');
    try {
      await using desk = await openDesk();
      const image = await imageOf(layer());
      const both = [node, second].map(({ id, engine, host }) => desk.transfers.to(id, engine, host).ensure(image, silent, never));

      expect(await Promise.all(both)).toMatchObject([{ reference: image }, { reference: image }]);
      expect(savesIn(desk.asked)).toBe(1);
      expect(await imagesOn(second)).toEqual([transferTag(image)]);
    } finally {
      await second.own[Symbol.asyncDispose]();
    }
  });
});
