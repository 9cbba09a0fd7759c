import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectClient } from '../../src/rpc/client.ts';
import { type RpcServer, startRpcServer } from '../../src/rpc/server.ts';
import { openTunnel, type Tunnel, type TunnelOptions } from '../../src/rpc/tunnel.ts';
import { type Sshd, sshdIsInstalled, startSshd } from '../support/sshd.ts';
import { type MemoryService, memoryService } from './memory-service.ts';
import { silentLog } from './silent-log.ts';

/** Command lines of the running processes that contain the text. */
const processesWith = async (text: string): Promise<readonly string[]> => {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.map(line => line.replaceAll('\0', ' ')).filter(line => line.includes(text));
};

const portOf = (server: RpcServer): number => Number(server.address.split(':').at(-1));

describe.skipIf(!sshdIsInstalled())('the ssh tunnel', { timeout: 30_000 }, () => {
  const path = process.env.PATH;
  let sshd: Sshd;
  let service: MemoryService;
  let server: RpcServer;

  /** Opens a tunnel to the server that is closed after the spec. */
  const open = async (changes: Partial<TunnelOptions> = {}): Promise<Tunnel> => {
    const tunnel = await openTunnel({
      host: '127.0.0.1',
      port: portOf(server),
      username: sshd.username,
      sshPort: sshd.port,
      signal: new AbortController().signal,
      ...changes,
    });
    onTestFinished(() => tunnel.close());
    return tunnel;
  };

  /** A client of the tunnel's server, closed after the spec. */
  const connect = (tunnel: Tunnel) => {
    const client = connectClient({ address: tunnel.address, name: 'build-box:25373', trouble: tunnel.trouble });
    onTestFinished(() => client.close());
    return client;
  };

  const usesSshOf = (daemon: Sshd) => {
    process.env.PATH = `${daemon.bin}:${path}`;
  };

  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(async () => {
    process.env.PATH = path;
    await sshd[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    usesSshOf(sshd);
    await sshd.setClient();
    service = memoryService();
    server = await startRpcServer({ service, listen: '127.0.0.1:0', log: silentLog });
  });
  afterEach(() => server.stop(0));

  it("carries calls and images to a port of the remote's loopback", async () => {
    const client = connect(await open());

    expect(await client.ping()).toEqual({ version: '1.2.3', commit: 'abcdef0' });
    const image = Buffer.alloc(5_000_000, 'layer');
    await client.uploadImage(
      'sha256:1',
      async function* () {
        yield image;
      },
      new AbortController().signal,
    );
    expect(service.images.get('sha256:1')?.equals(image)).toBe(true);
    expect(await processesWith(`TCP:127.0.0.1:${portOf(server)},nodelay`)).not.toEqual([]);
  });

  it('goes through ssh -W where the remote has no socat', async () => {
    const tools = await mkdtemp(join(tmpdir(), 'alfred-no-socat-'));
    await symlink('/bin/sh', join(tools, 'sh'));
    await using bare = await startSshd([`SetEnv PATH=${tools}`]);
    usesSshOf(bare);

    const client = connect(await open({ sshPort: bare.port }));

    expect(await client.ping()).toMatchObject({ version: '1.2.3' });
    expect(await processesWith(`-W 127.0.0.1:${portOf(server)}`)).not.toEqual([]);
    await rm(tools, { recursive: true });
  });

  it('is not confused by a login shell that prints something first', async () => {
    await using chatty = await startSshd(['ForceCommand echo "Welcome! 42 updates wait."; eval "$SSH_ORIGINAL_COMMAND"']);
    usesSshOf(chatty);

    expect(await connect(await open({ sshPort: chatty.port })).ping()).toMatchObject({ version: '1.2.3' });
  });

  it('makes a new connection when one was lost', async () => {
    const client = connect(await open());
    await client.ping();

    await sshd.dropSessions();

    await vi.waitFor(() => client.ping(), { timeout: 10_000, interval: 100 });
  });

  it("tells in ssh's words why it does not get in", async () => {
    await sshd.setClient({ IdentityFile: '/dev/null' });
    await expect(open()).rejects.toThrow(/^ssh \S+@127.0.0.1: .*Permission denied/);

    await sshd.setClient({ UserKnownHostsFile: '/dev/null' });
    await expect(open()).rejects.toThrow(/Host key verification failed/);

    await expect(open({ sshPort: 1 })).rejects.toThrow(/port 1: Connection refused/);
  });

  it('trusts the host key that it is given, and no other', async () => {
    await sshd.setClient({ UserKnownHostsFile: '/dev/null' });
    expect(await connect(await open({ hostKey: sshd.hostKey })).ping()).toMatchObject({ version: '1.2.3' });

    const another = `ssh-ed25519 ${Buffer.alloc(51, 1).toString('base64')}`;
    await expect(open({ hostKey: another })).rejects.toThrow(/Host key verification failed/);
    await expect(open({ hostKey: 'SHA256:abc' })).rejects.toThrow(
      '"SHA256:abc" is no host key; expected one like "ssh-ed25519 AAAA…"',
    );
  });

  it('says so when no server listens on the remote', async () => {
    const client = connect(await open({ port: 1 }));

    await expect(client.ping()).rejects.toThrow(
      /^can't reach the server at build-box:25373: nothing listens on port 1 of 127.0.0.1; is alfred-server running there\?/,
    );
  });

  it('says so when ssh is not installed', async () => {
    process.env.PATH = '/nonexistent';
    await expect(open()).rejects.toThrow('ssh is not installed; install it, or use --no-ssh-tunneling');
  });

  it('is a socket that only its user can reach', async () => {
    const folder = dirname((await open()).address.replace('unix:', ''));

    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('leaves nothing behind', async () => {
    const port = portOf(server);
    const tunnel = await open();
    await connect(tunnel).ping();
    const folder = dirname(tunnel.address.replace('unix:', ''));

    await tunnel.close();

    expect(await processesWith(`${sshd.bin}`)).toEqual([]);
    await expect(stat(folder)).rejects.toThrow('ENOENT');
    await vi.waitFor(async () => expect(await processesWith(`TCP:127.0.0.1:${port}`)).toEqual([]), { timeout: 5_000 });
  });

  it('gives up at once when it is told to, and leaves nothing behind', async () => {
    const asked = Promise.withResolvers<Socket>();
    const mute = createServer(asked.resolve).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const stop = new AbortController();
    const { port: sshPort } = mute.address() as { port: number };

    const opening = open({ sshPort, signal: stop.signal });
    const socket = await asked.promise;
    stop.abort(new Error('Ctrl+C'));

    await expect(opening).rejects.toThrow('Ctrl+C');
    expect(await processesWith(`-p ${sshPort}`)).toEqual([]);
    socket.destroy();
    mute.close();
  });
});
