import { once } from 'node:events';
import { link, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { connectClient } from '../../src/rpc/client.ts';
import { startRpcServer } from '../../src/rpc/server.ts';
import { memoryService } from './memory-service.ts';
import { silentLog } from './silent-log.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alfred-listen-'));
});
afterEach(() => rm(folder, { recursive: true }));

const listenOn = async (listen: string) => {
  const server = await startRpcServer({ service: memoryService(), listen, log: silentLog });
  onTestFinished(() => server.stop(0));
  return server;
};

const ping = async (address: string) => {
  const client = connectClient({ address });
  onTestFinished(() => client.close());
  return client.ping();
};

/** A socket file that nobody listens on, as a killed server leaves it. */
const leaveStaleSocket = async (path: string): Promise<void> => {
  const killed = createServer().listen(path);
  await once(killed, 'listening');
  // Closing would remove the file; a second name outlives it.
  await link(path, `${path}.kept`);
  await new Promise(closed => killed.close(closed));
  await rename(`${path}.kept`, path);
};

describe('a server', () => {
  it('listens on any free port when asked for port 0, and says which', async () => {
    const { address } = await listenOn('127.0.0.1:0');
    expect(address).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
    expect(await ping(address)).toMatchObject({ version: '1.2.3' });
  });

  it('listens on all interfaces when no host is given', async () => {
    const { address } = await listenOn(':0');
    expect(await ping(`127.0.0.1${address}`)).toMatchObject({ version: '1.2.3' });
  });

  it('listens on a unix socket, in a folder made for it, that only its user can reach', async () => {
    const path = join(folder, 'run/alfred.sock');
    const { address } = await listenOn(`unix:${path}`);

    expect(address).toBe(`unix:${path}`);
    expect(await ping(address)).toMatchObject({ version: '1.2.3' });
    expect((await stat(join(folder, 'run'))).mode & 0o777).toBe(0o700);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('removes its socket when it stops', async () => {
    const path = join(folder, 'alfred.sock');
    const server = await startRpcServer({ service: memoryService(), listen: `unix:${path}`, log: silentLog });
    await server.stop(0);
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  it('takes the place of a server that was killed', async () => {
    const path = join(folder, 'alfred.sock');
    await leaveStaleSocket(path);
    const { address } = await listenOn(`unix:${path}`);
    expect(await ping(address)).toMatchObject({ version: '1.2.3' });
  });

  it('does not take the place of a living one', async () => {
    const { address } = await listenOn(`unix:${join(folder, 'alfred.sock')}`);
    await expect(listenOn(address)).rejects.toThrow(/^can't listen on .*alfred\.sock: a server listens there already$/);
    expect(await ping(address)).toMatchObject({ version: '1.2.3' });
  });

  it('does not remove a file that is no socket', async () => {
    const path = join(folder, 'notes.txt');
    await writeFile(path, 'keep me');
    await expect(listenOn(`unix:${path}`)).rejects.toThrow('it exists and is no socket; remove it or choose another path');
    expect((await stat(path)).size).toBe(7);
  });

  it('says so when its port is taken', async () => {
    const { address } = await listenOn('127.0.0.1:0');
    await expect(listenOn(address)).rejects.toThrow(
      `can't listen on ${address}: the port is in use; is another server running? Choose another port`,
    );
  });

  it.each([
    ['nonsense', 'expected host:port, :port or unix:PATH'],
    ['127.0.0.1', 'expected host:port, :port or unix:PATH'],
    ['127.0.0.1:65536', 'expected host:port, :port or unix:PATH'],
    ['unix:', 'expected unix:PATH'],
    [`unix:/${'x'.repeat(120)}`, "a socket's path has at most 103 bytes"],
    ['nohost.invalid:1', 'this machine has no such address'],
    ['192.0.2.1:1234', 'this machine has no such address'],
  ])('refuses to listen on %s', async (listen, expected) => {
    await expect(listenOn(listen)).rejects.toThrow(expected);
  });
});
