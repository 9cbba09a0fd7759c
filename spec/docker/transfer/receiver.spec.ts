import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createReceiver } from '../../../src/docker/transfer/receiver.ts';
import type { RemoteHost } from '../../../src/engine/ports.ts';
import { type FakeEngine, fakeEngine, send } from '../fake-engine.ts';

const never = new AbortController().signal;
const PLAIN = Buffer.from('an archive');
const COMPRESSED = zstdCompressSync(PLAIN);

/** A node without zstd. */
const bareHost: RemoteHost = {
  address: 'node',
  run: async () => ({
    stdin: new PassThrough(),
    stdout: Readable.from([]),
    ended: Promise.resolve({ code: 127, stderr: '' }),
  }),
  dialDocker: () => Promise.reject(new Error('nobody dials')),
};

type Loaded = FakeEngine & { readonly loads: readonly Buffer[] };

const engineOf = async (apiVersion: string, driver: string): Promise<Loaded> => {
  const loads: Buffer[] = [];
  const fake = await fakeEngine({
    'GET /version': answer => send(answer, 200, { ApiVersion: apiVersion }),
    'GET /info': answer =>
      send(answer, 200, { ID: 'x', DockerRootDir: '/var/lib/docker', DriverStatus: [['driver-type', driver]] }),
    'POST /images/load': async answer => {
      loads.push(await buffer(answer.req));
      send(answer, 200, { stream: 'Loaded image: x\n' });
    },
    'GET /images/json': answer => send(answer, 200, [{ Id: 'one' }, { Id: 'gone' }]),
    'GET /images/one/json': answer => send(answer, 200, { RootFS: { Layers: ['sha256:a'] } }),
    'GET /images/gone/json': answer => send(answer, 404, { message: 'no such image' }),
  });
  return { ...fake, loads };
};

const OVERLAY = 'overlay2';
const CONTAINERD = 'io.containerd.snapshotter.v1';

describe('a node that receives images', () => {
  it.each([
    { apiVersion: '1.41', driver: OVERLAY, way: 'plain', gets: PLAIN },
    { apiVersion: '1.42', driver: OVERLAY, way: 'zstd', gets: COMPRESSED },
    { apiVersion: '1.43', driver: CONTAINERD, way: 'plain', gets: PLAIN },
    { apiVersion: '1.44', driver: CONTAINERD, way: 'zstd', gets: COMPRESSED },
  ])('with API $apiVersion and images in $driver gets them by way of $way', async ({ apiVersion, driver, way, gets }) => {
    await using node = await engineOf(apiVersion, driver);
    const receiver = await createReceiver(node.engine, bareHost, never);
    expect(receiver.way).toBe(way);
    await receiver.load(Readable.from([COMPRESSED]), never);
    expect(node.loads).toEqual([gets]);
  });

  it('is sent no layer that it has, but for the containerd store, whose import wants all of them', async () => {
    await using usual = await engineOf('1.44', OVERLAY);
    const layers = await createReceiver(usual.engine, bareHost, never);
    expect(await layers.layers(never)).toEqual(new Set(['sha256:a']));
    await using containerd = await engineOf('1.44', CONTAINERD);
    expect(await (await createReceiver(containerd.engine, bareHost, never)).layers(never)).toEqual(new Set());
  });

  it('is not asked twice what is in an image that it has', async () => {
    await using node = await engineOf('1.44', OVERLAY);
    const receiver = await createReceiver(node.engine, bareHost, never);
    await receiver.layers(never);
    await receiver.layers(never);
    expect(node.asked.filter(it => it === 'GET /images/one/json')).toHaveLength(1);
  });
});
