/** The connection to a node, on a real sshd with its limits as they come. */
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { NodeGoneError, UnreachableError } from '../../../src/engine/ports.ts';
import { createSshConnection } from '../../../src/provisioner/ssh/connection.ts';
import { type HostKey, HostKeyError } from '../../../src/provisioner/ssh/host-key.ts';
import { outputOf } from '../../support/remote-output.ts';
import { socketServer } from '../../support/socket-server.ts';
import { startSshNode, wayIn } from '../../support/ssh-node.ts';
import { sshdIsInstalled, startSshd } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';
import { openWire } from '../../support/wire.ts';

const never = new AbortController().signal;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const isAlive = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return stat !== null && !/\) [ZX] /.test(stat);
};

describe.skipIf(!sshdIsInstalled())('commands on a node', () => {
  it('run as written, whatever quotes and backslashes are in them', async () => {
    await using node = await startSshNode();
    const script = `printf '%s' "it's" 'a\\nb' '!' "$((1 + 1))" '\`x\`'\n# a comment with a "quote\nprintf " %s\\n" ü >&2; exit 3`;
    expect(await outputOf(node.host, script)).toEqual({ stdout: Buffer.from("it'sa\\nb!2`x`"), code: 3, stderr: ' ü\n' });
  });

  it("find the engine of the node's tasks, wherever it listens", async () => {
    await using node = await startSshNode(['SetEnv DOCKER_HOST=unix:///run/another.sock'], {
      dockerSocket: 'tcp://127.0.0.1:2375',
    });
    expect(String((await outputOf(node.host, 'printenv DOCKER_HOST')).stdout)).toBe('tcp://127.0.0.1:2375\n');
  });

  it('get every byte of their input and give every byte of their output', async () => {
    await using node = await startSshNode();
    const input = randomBytes(20_000_000);
    const { stdout, code } = await outputOf(node.host, 'cat', { input });
    expect({ code, bytes: sha256(stdout) }).toEqual({ code: 0, bytes: sha256(input) });
  });

  it('keep the end of what they say on stderr', async () => {
    await using node = await startSshNode();
    const { stderr } = await outputOf(node.host, 'yes xxxxxxxxx | head -c 1000000 >&2; echo reason >&2');
    expect(stderr.length).toBe(64 * 1024);
    expect(stderr.endsWith('xxx\nreason\n')).toBe(true);
  });

  it('have the exit code that shells give to what a signal killed: only a broken connection leaves none', async () => {
    await using node = await startSshNode();
    expect((await outputOf(node.host, 'kill -KILL $$')).code).toBe(128 + 9);
  });

  it('wait for each other beyond what sshd takes at a time', async () => {
    await using node = await startSshNode();
    const numbers = Array.from({ length: 30 }, (_, n) => n);
    const outputs = await Promise.all(numbers.map(n => outputOf(node.host, `sleep 0.1; echo ${n}`)));
    expect(outputs.map(({ stdout }) => Number(stdout))).toEqual(numbers);
  });

  it('also get through an sshd that takes only two sessions', async () => {
    await using node = await startSshNode(['MaxSessions 2']);
    const outputs = await Promise.all([1, 2, 3].map(n => outputOf(node.host, `echo ${n}`)));
    expect(outputs.map(({ stdout }) => Number(stdout))).toEqual([1, 2, 3]);
  });

  it('can be given up while they wait for their turn', async () => {
    await using node = await startSshNode();
    const busy = new AbortController();
    for (let n = 0; n < 8; n += 1) await node.host.run('sleep 1000', busy.signal);
    const waiting = new AbortController();
    const turn = node.host.run('true', waiting.signal);
    waiting.abort(new Error('nobody wants it any more'));
    await expect(turn).rejects.toThrow('nobody wants it any more');
    busy.abort();
    expect((await outputOf(node.host, 'echo next')).stdout.toString()).toBe('next\n');
  });

  it('end with all they started when they are given up, though they neither read nor write, nor listen to SIGTERM', async () => {
    await using node = await startSshNode();
    const giveUp = new AbortController();
    const command = await node.host.run(
      `trap '' TERM; sleep 1000 & (setsid sleep 1001) & echo $$ $!; wait; sleep 1000`,
      giveUp.signal,
    );
    const [first] = await Array.fromAsync(take(command.stdout, 1));
    const pids = String(Buffer.from(first ?? []))
      .trim()
      .split(' ')
      .map(Number);
    expect(await Promise.all(pids.map(isAlive))).toEqual([true, true]);
    giveUp.abort();
    expect((await command.ended).code).toBeNull();
    await until(async () => !(await Promise.all(pids.map(isAlive))).includes(true));
  });

  it('end when nobody reads on', async () => {
    await using node = await startSshNode();
    const command = await node.host.run('echo $$; exec sleep 1000', never);
    let pid = 0;
    for await (const chunk of command.stdout) {
      pid = Number(Buffer.from(chunk).toString());
      break;
    }
    await command.ended;
    await until(async () => !(await isAlive(pid)));
  });

  it('are not read faster than somebody takes what they print', async () => {
    await using node = await startSshNode();
    const command = await node.host.run('head -c 200000000 /dev/zero', never);
    const before = process.memoryUsage().rss;
    const startedAt = performance.now();
    let bytes = 0;
    let most = 0;
    for await (const chunk of command.stdout) {
      bytes += chunk.length;
      // Slow at first: what was read ahead by then would be in memory.
      if (bytes < 2_000_000) await delay(5);
      most = Math.max(most, process.memoryUsage().rss);
    }
    console.log(`stdout of a command over ssh: ${(bytes / 1_000 / (performance.now() - startedAt)).toFixed(0)} MB/s`);
    expect(bytes).toBe(200_000_000);
    expect((most - before) / 1e6).toBeLessThan(120);
  });
});

async function* take<T>(items: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  for (let n = 0; n < count; n += 1) {
    const { done, value } = await iterator.next();
    if (done) return;
    yield value;
  }
}

describe.skipIf(!sshdIsInstalled())('connections to a socket of a node', () => {
  it('carry every byte both ways, many at a time, though sshd takes one session beside', async () => {
    await using echo = await socketServer(socket => socket.pipe(socket));
    await using node = await startSshNode(['MaxSessions 1'], { dockerSocket: echo.address });
    const sent = Array.from({ length: 50 }, () => randomBytes(300_000));
    const startedAt = performance.now();
    const received = await Promise.all(
      sent.map(async bytes => {
        const stream = await node.host.dialDocker();
        stream.end(bytes);
        return sha256(Buffer.concat(await stream.toArray()));
      }),
    );
    console.log(`echo over 50 channels: ${(30_000 / (performance.now() - startedAt)).toFixed(0)} MB/s there and back`);
    expect(received).toEqual(sent.map(sha256));
  });

  it('end with an error when the connection breaks, not as if all had been said', async () => {
    await using silent = await socketServer(socket => socket.write('the first half'));
    await using node = await startSshNode([], { dockerSocket: silent.address });
    const stream = await node.host.dialDocker();
    const read = stream.toArray();
    await node.sshd.dropSessions();
    await expect(read).rejects.toBeInstanceOf(UnreachableError);
  });

  it('are refused in words that name the option where sshd forwards no sockets', async () => {
    await using node = await startSshNode(['AllowStreamLocalForwarding no']);
    await expect(node.host.dialDocker()).rejects.toThrow(/set AllowStreamLocalForwarding yes in \/etc\/ssh\/sshd_config there/);
    await using tcp = await startSshNode(['AllowTcpForwarding no'], { dockerSocket: 'tcp://127.0.0.1:2375' });
    await expect(tcp.host.dialDocker()).rejects.toThrow(/set AllowTcpForwarding yes/);
  });

  it('tell an engine that is not there from one that does not listen', async () => {
    await using missing = await startSshNode([], { dockerSocket: 'unix:///var/run/no-docker.sock' });
    await expect(missing.host.dialDocker()).rejects.toMatchObject({
      message: expect.stringMatching(/there is no \/var\/run\/no-docker.sock: is the Docker engine installed and running\?/),
      code: 'ENOENT',
    });
    await using deaf = await startSshNode([], { dockerSocket: 'unix:///etc/hostname' });
    await expect(deaf.host.dialDocker()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe.skipIf(!sshdIsInstalled())('a connection that breaks', () => {
  it('ends the command under way with no code, and the next one runs when it is there again', async () => {
    await using node = await startSshNode();
    const command = await node.host.run('echo $$; exec sleep 1000', never);
    const lost = firstValueFrom(node.host.state$);
    const output = Array.fromAsync(command.stdout);
    await node.sshd.dropSessions();
    expect((await command.ended).code).toBeNull();
    expect((await lost).type).toBe('lost');
    const unreachable = await node.host.run('true', never).catch((error: unknown) => error);
    expect(unreachable).toBeInstanceOf(UnreachableError);
    await (unreachable as UnreachableError).reachable();
    expect((await outputOf(node.host, 'echo back')).stdout.toString()).toBe('back\n');
    const pid = Number(Buffer.concat(await output).toString());
    await until(async () => !(await isAlive(pid)));
  });

  it('is waited for while the host is away, and the wait can be given up', async () => {
    await using node = await startSshNode();
    await node.sshd.stop();
    const unreachable = await until(async () => {
      await node.host.dialDocker();
      return false;
    }).catch((error: unknown) => error);
    expect(unreachable).toBeInstanceOf(UnreachableError);
    const { reachable } = unreachable as UnreachableError;
    await expect(reachable(AbortSignal.abort(new Error('cancelled')))).rejects.toThrow('cancelled');
    const back = reachable();
    await node.sshd.start();
    await back;
    expect((await outputOf(node.host, 'echo back')).stdout.toString()).toBe('back\n');
  });

  it('is noticed when the line falls silent for good, and is there again when somebody answers', async () => {
    await using sshd = await startSshd();
    await using wire = await openWire(sshd.port);
    const target = { ...wayIn(sshd).target, port: wire.port };
    const host = createSshConnection({ ...wayIn(sshd), target, keepaliveMs: 200 });
    using _ = { [Symbol.dispose]: host.close };
    await host.open(never);
    const lost = firstValueFrom(host.state$);

    wire.setSilent(true);

    expect(await lost).toEqual({ type: 'lost', why: expect.stringMatching(/keepalive|answer/i) });
    const refused = await host.run('true', never).catch(error => error);
    expect(refused).toBeInstanceOf(UnreachableError);
    wire.setSilent(false);
    await refused.reachable();
    expect(String((await outputOf(host, 'echo here')).stdout)).toBe('here\n');
  });

  it('is given up when the node is gone: for all who wait, and for all who ask later', async () => {
    await using node = await startSshNode();
    await node.sshd.stop();
    await until(async () => (await node.host.dialDocker().catch(() => null)) === null);
    const unreachable = (await node.host.dialDocker().catch((error: unknown) => error)) as UnreachableError;
    const waiting = unreachable.reachable();
    node.host.giveUp('the VM was deleted');
    await expect(waiting).rejects.toEqual(new NodeGoneError('the VM was deleted'));
    await expect(node.host.run('true', never)).rejects.toBeInstanceOf(NodeGoneError);
    await expect(node.host.open(never)).rejects.toBeInstanceOf(NodeGoneError);
  });

  it('is not made again to a host with another key', async () => {
    let pinned: string | null = null;
    const trust = async ({ fingerprint }: HostKey) => {
      pinned ??= fingerprint;
      if (pinned !== fingerprint) throw new HostKeyError('the host key changed');
    };
    await using node = await startSshNode([], { trust });
    await node.sshd.changeHostKey();
    await node.sshd.stop();
    await node.sshd.start();
    await until(async () => {
      const error = await node.host.run('true', never).catch((reason: unknown) => reason);
      return error instanceof UnreachableError && error.message.includes('the host key changed');
    });
  });
});

describe.skipIf(!sshdIsInstalled())('a connection that can not be made', () => {
  it('says that nothing listens there', async () => {
    const sshd = await startSshd();
    const options = wayIn(sshd);
    await sshd[Symbol.asyncDispose]();
    const { port } = options.target;
    await expect(createSshConnection(options).open(never)).rejects.toThrow(
      `nothing listens on port ${port}: is sshd running there?`,
    );
  });

  it('says that the host takes none of the keys', async () => {
    await using sshd = await startSshd(['AuthorizedKeysFile none']);
    await expect(createSshConnection(wayIn(sshd)).open(never)).rejects.toThrow(
      /takes none of the keys offered: add a public key/,
    );
  });

  it('says that the login shell is not silent, for that would be in all output', async () => {
    await using sshd = await startSshd(['ForceCommand echo welcome; eval "$SSH_ORIGINAL_COMMAND"']);
    await expect(createSshConnection(wayIn(sshd)).open(never)).rejects.toThrow(/the login shell prints "welcome"/);
  });

  it('says that no command can be run there', async () => {
    await using sshd = await startSshd(['ForceCommand echo this account is for files only >&2; exit 1']);
    await expect(createSshConnection(wayIn(sshd)).open(never)).rejects.toThrow(
      /no command can be run there \(exit code 1\): this account is for files only/,
    );
  });

  it('is given up at once', async () => {
    await using mute = await socketServerOnPort();
    const options = { ...wayIn({ ...mute, username: 'x', privateKey: Buffer.alloc(0) } as never) };
    const giveUp = new AbortController();
    const opened = createSshConnection(options).open(giveUp.signal);
    giveUp.abort(new Error('cancelled'));
    await expect(opened).rejects.toThrow('cancelled');
  });
});

/** Takes connections and says nothing. */
const socketServerOnPort = async () => {
  const server = createServer(socket => void socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await new Promise(listening => server.once('listening', listening));
  return {
    port: (server.address() as { readonly port: number }).port,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
};
