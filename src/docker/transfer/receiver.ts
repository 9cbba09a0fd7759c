/** A node as images come to it: which layers it has, and the way in that it understands. Found out once for each node. */
import { pipeline } from 'node:stream/promises';
import { decompress } from '../../base/zstd.ts';
import type { RemoteCommand, RemoteHost } from '../../engine/ports.ts';
import { ask } from '../calls.ts';
import { type Engine, speaksApi } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { createImageStore } from '../images.ts';
import { createNodeLayers } from './node-layers.ts';

export type Receiver = {
  readonly way: Way;
  /** The chain ids of layers that need not be sent. */
  layers(signal: AbortSignal): Promise<ReadonlySet<string>>;
  /** Loads a `docker save` archive that is compressed with zstd: all of it, or nothing. */
  load(archive: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
};

/**
 * How an archive gets in: `zstd`, as it is, to an engine that decompresses it; `shell`, through `zstd | docker load` on the node;
 * `plain`, decompressed here, which costs the bandwidth that the image takes.
 */
export type Way = 'zstd' | 'shell' | 'plain';

export const createReceiver = async (engine: Engine, host: RemoteHost, signal: AbortSignal): Promise<Receiver> => {
  const info = (await ask('ask for the engine', () => engine.docker.info(), signal)) as EngineInfo;
  const inContainerd = keepsImagesInContainerd(info);
  const way = await findWay(engine, host, info, signal);
  const { load } = createImageStore(engine);
  const loads: Readonly<Record<Way, Receiver['load']>> = {
    zstd: load,
    shell: (archive, aborted) => loadInShell(host, archive, aborted),
    plain: (archive, aborted) => load(decompress(archive), aborted),
  };
  const layers = createNodeLayers(engine);
  // The containerd store imports whole images only: it looks for every layer in the archive.
  return { way, layers: inContainerd ? async () => new Set() : layers, load: loads[way] };
};

type EngineInfo = {
  readonly ID: string;
  readonly DockerRootDir: string;
  readonly DriverStatus?: readonly (readonly string[])[] | null;
};

const keepsImagesInContainerd = ({ DriverStatus }: EngineInfo): boolean =>
  (DriverStatus ?? []).some(([, value]) => value?.startsWith('io.containerd.snapshotter') === true);

/** Engines decompress zstd from 23.0 on (moby #41759), with the containerd store from 25.0 on (moby #46605). */
const findWay = async (engine: Engine, host: RemoteHost, info: EngineInfo, signal: AbortSignal): Promise<Way> => {
  if (speaksApi(engine, keepsImagesInContainerd(info) ? '1.44' : '1.42')) return 'zstd';
  return (await shellReaches(host, info, signal)) ? 'shell' : 'plain';
};

/** Whether the node has what `shell` takes. Its `docker` may talk to another engine than the one that runs tasks. */
const shellReaches = async (host: RemoteHost, { ID, DockerRootDir }: EngineInfo, signal: AbortSignal): Promise<boolean> => {
  // Engines up to 20.10 on one machine share their id.
  const command = await host.run("command -v zstd >/dev/null && docker info --format '{{.ID}} {{.DockerRootDir}}'", signal);
  command.stdin.end();
  const { code, output } = await endOf(host, command);
  return code === 0 && output.trim() === `${ID} ${DockerRootDir}`;
};

const loadInShell = async (host: RemoteHost, archive: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> => {
  // An archive that fails here must not look like its end over there.
  const failed = new AbortController();
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* archive;
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  }
  const command = await host.run('zstd -d -c | docker load --quiet', AbortSignal.any([signal, failed.signal]));
  // Why nobody reads any more is what the command says.
  pipeline(watched(), command.stdin).catch(() => undefined);
  try {
    const { code, words } = await endOf(host, command);
    if (code !== 0) throw new EngineError(`load image: ${words || `docker load ended with ${code}`}`);
  } catch (error) {
    signal.throwIfAborted();
    // It was broken off from here.
    failed.signal.throwIfAborted();
    throw error;
  }
};

type End = { readonly code: number; readonly output: string; readonly words: string };

/** How a command ended; a connection that broke is an error which may pass. */
const endOf = async (host: RemoteHost, { stdout, ended }: RemoteCommand): Promise<End> => {
  const [output, { code, stderr }] = await Promise.all([Array.fromAsync(stdout), ended]);
  if (code === null) throw new EngineError(`the connection to ${host.address} broke`, { transient: true });
  return { code, output: Buffer.concat(output).toString('utf8'), words: stderr.trim() };
};
