/**
 * An image of 300 MB to nodes behind ssh, against `docker save | zstd | ssh node 'zstd -d | docker load'` for each of them at once; then
 * again with another last layer. All of it is on this machine: nodes are sshds, each in front of a Docker engine of its own.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { pack } from 'tar-stream';
import { type OwnEngine, startOwnEngine } from '../../spec/support/own-engine.ts';
import { type SshNode, startSshNode } from '../../spec/support/ssh-node.ts';
import { temporaryFolder } from '../../spec/support/temporary-folder.ts';
import { connectEngine, type Engine } from '../../src/docker/engine.ts';
import { connectRemoteEngine } from '../../src/docker/remote-engine.ts';
import { createImageTransfers } from '../../src/docker/transfer/transfers.ts';
import type { NodeId } from '../../src/domain/names.ts';
import type { Row } from './row.ts';

/** Half of it random, half of it text. */
const IMAGE_BYTES = 300e6;
const LAST_LAYER_BYTES = 10e6;

const NODES = [1, 2, 4];

const nothing = (): void => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const never = new AbortController().signal;

type Node = AsyncDisposable & SshNode & { readonly id: NodeId; readonly own: OwnEngine; readonly engine: Engine };

const startNode = async (id: string): Promise<Node> => {
  const own = await startOwnEngine({ liveRestore: false });
  // For the plain command, and for that of the transfer.
  const ssh = await startSshNode([`SetEnv DOCKER_HOST=${own.host}`], { dockerSocket: own.host });
  return {
    ...ssh,
    id: id as NodeId,
    own,
    engine: await connectRemoteEngine(ssh.host, never),
    [Symbol.asyncDispose]: async () => {
      await ssh[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    },
  };
};

const half = (bytes: number): Buffer =>
  Buffer.concat([randomBytes(bytes / 2), Buffer.alloc(bytes / 2, 'a line of a log file\n')]);

const buildImage = async ({ docker }: Engine, layers: readonly Buffer[]): Promise<string> => {
  const context = pack();
  context.entry({ name: 'Dockerfile' }, ['FROM scratch', ...layers.map((_, n) => `COPY ${n} /${n}`)].join('\n'));
  for (const [n, content] of layers.entries()) context.entry({ name: `${n}`, mtime: new Date(0) }, content);
  context.finalize();
  const tag = `alfred-bench/transfer:${randomUUID()}`;
  await text(await docker.buildImage(Readable.from(context), { t: tag }));
  return (await docker.getImage(tag).inspect()).Id;
};

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1_000;
};

const plainly = (image: string, { sshd }: Node): Promise<unknown> => {
  const ssh = `${join(sshd.bin, 'ssh')} -p ${sshd.port} ${sshd.username}@127.0.0.1`;
  return execa('bash', ['-euo', 'pipefail', '-c', `docker save ${image} | zstd -q | ${ssh} 'zstd -d | docker load -q'`]);
};

const removeFrom = async (nodes: readonly Node[], image: string): Promise<void> => {
  // What failed before it came says so itself.
  for (const { own } of nodes) await own.docker.getImage(image).remove({ force: true }).catch(nothing);
};

/** The image to all nodes at once, each way; the nodes are without it afterwards, then with it, from the second way. */
const compare = async (
  name: string,
  image: string,
  nodes: readonly Node[],
  ours: (node: Node) => Promise<unknown>,
): Promise<Row> => {
  const all = (way: (node: Node) => Promise<unknown>) => seconds(() => Promise.all(nodes.map(way)));
  const perSecond = (took: number): number => (IMAGE_BYTES * nodes.length) / 1e6 / took;
  const plain = perSecond(await all(node => plainly(image, node)));
  await removeFrom(nodes, image);
  const transfer = perSecond(await all(ours));
  return {
    name,
    value: transfer,
    unit: 'MB/s',
    baseline: { name: '`docker save \\| zstd \\| ssh`', value: plain },
    ratio: transfer / plain,
  };
};

const benchWith = async (source: Engine, nodes: readonly Node[]): Promise<readonly Row[]> => {
  await using folder = await temporaryFolder();
  const transfers = createImageTransfers({ source, folder: folder.path, log: silent, onProgress: nothing });
  const [base, first, second] = [half(IMAGE_BYTES - LAST_LAYER_BYTES), half(LAST_LAYER_BYTES), half(LAST_LAYER_BYTES)];
  const images: string[] = [];
  const toAll = async (layers: readonly Buffer[], name: string): Promise<Row> => {
    const image = await buildImage(source, layers);
    images.push(image);
    const ours = ({ id, engine, host }: Node) => transfers.to(id, engine, host).ensure(image, nothing, never);
    return await compare(`${name}, ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`, image, nodes, ours);
  };
  try {
    return [await toAll([base, first], 'image of 300 MB'), await toAll([base, second], 'again, its last 10 MB changed')];
  } finally {
    await transfers.close();
    for (const image of images) {
      await source.docker.getImage(image).remove({ force: true });
      await removeFrom(nodes, image);
    }
  }
};

export const benchTransfer = async (): Promise<readonly Row[]> => {
  const source = await connectEngine();
  await using nodes = new AsyncDisposableStack();
  const started: Node[] = [];
  const rows: Row[] = [];
  for (const count of NODES) {
    while (started.length < count) started.push(nodes.use(await startNode(`node-${started.length + 1}`)));
    rows.push(...(await benchWith(source, started)));
  }
  return rows;
};
