/** Hosts of a fixed list as nodes, found and trusted by way of the user's own ssh configuration. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../src/domain/names.ts';
import { NodeGoneError, type NodeNews, type RemoteProvisioner, UnreachableError } from '../../../src/engine/ports.ts';
import { createSshProvisioner, type SshProvisionerOptions } from '../../../src/provisioner/ssh/provisioner.ts';
import { outputOf } from '../../support/remote-output.ts';
import { socketServer } from '../../support/socket-server.ts';
import { wayIn } from '../../support/ssh-node.ts';
import { type Sshd, sshdIsInstalled, startSshd } from '../../support/sshd.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const [one, two] = ['node-1', 'node-2'] as [NodeId, NodeId];

/** An engine that answers a ping and nothing else. */
const pingedEngine = () =>
  socketServer(socket =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK')),
  );

type Desk = AsyncDisposable & {
  readonly sshd: Sshd;
  readonly host: string;
  readonly folder: string;
  /** As a start of the server makes it. */
  readonly start: (options?: Partial<SshProvisionerOptions>) => RemoteProvisioner & Disposable;
};

const openDesk = async (extra: readonly string[] = []): Promise<Desk> => {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const engine = stack.use(await pingedEngine());
  const sshd = stack.use(await startSshd(extra));
  const host = `${sshd.username}@127.0.0.1:${sshd.port}`;
  return {
    sshd,
    host,
    folder: folder.path,
    start: options => {
      const provisioner = createSshProvisioner({
        hosts: [host],
        dockerSocket: engine.address,
        data: join(folder.path, 'nodes'),
        log: wayIn(sshd).log,
        env: { PATH: `${sshd.bin}:${process.env.PATH}`, HOME: folder.path },
        ...options,
      });
      return { ...provisioner, [Symbol.dispose]: provisioner.close };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

describe.skipIf(!sshdIsInstalled())('hosts over ssh as nodes', () => {
  it('are connected to, and give commands and an engine', async () => {
    await using desk = await openDesk();
    using provisioner = desk.start();
    await provisioner.provision(one, never);
    expect(provisioner.hostOf(one).address).toBe(`${desk.sshd.username}@127.0.0.1:${desk.sshd.port}`);
    expect((await outputOf(provisioner.hostOf(one), 'echo here')).stdout.toString()).toBe('here\n');
  });

  it('are one node each, until that node is ended', async () => {
    await using desk = await openDesk();
    using provisioner = desk.start();
    await provisioner.provision(one, never);
    await expect(provisioner.provision(two, never)).rejects.toThrow('all 1 hosts of --ssh-hosts are nodes already');
    await provisioner.terminate(one);
    expect(() => provisioner.hostOf(one)).toThrow(NodeGoneError);
    await provisioner.provision(two, never);
  });

  it('are the same node after a restart of the server', async () => {
    await using desk = await openDesk();
    await using other = await startSshd();
    const hosts = [desk.host, `${other.username}@127.0.0.1:${other.port}`];
    {
      using provisioner = desk.start({ hosts });
      await provisioner.provision(one, never);
    }
    using provisioner = desk.start({ hosts: hosts.toReversed() });
    await provisioner.connect(one);
    expect(provisioner.hostOf(one).address).toContain(`:${desk.sshd.port}`);
  });

  it('are known to be gone when they are no hosts any more', async () => {
    await using desk = await openDesk();
    {
      using provisioner = desk.start();
      await provisioner.provision(one, never);
    }
    using provisioner = desk.start({ hosts: ['ci@elsewhere'] });
    await expect(provisioner.connect(one)).rejects.toEqual(
      new NodeGoneError(`${desk.host}, which node node-1 was, is not in --ssh-hosts any more`),
    );
    await expect(provisioner.connect(two)).rejects.toBeInstanceOf(NodeGoneError);
  });

  it('are free again when a crash made their node be forgotten', async () => {
    await using desk = await openDesk();
    {
      using provisioner = desk.start();
      await provisioner.provision(one, never);
    }
    using provisioner = desk.start();
    expect(await provisioner.sweep(new Set([one]))).toEqual([]);
    const forgotten = ['the host of node node-1, which is forgotten'];
    expect(await provisioner.sweep(new Set(), { dryRun: true })).toEqual(forgotten);
    expect(await provisioner.sweep(new Set())).toEqual(forgotten);
    expect(await provisioner.sweep(new Set())).toEqual([]);
    await provisioner.provision(two, never);
  });

  it('tell when they can not be reached and when they can again, and are silent when the server leaves', async () => {
    await using desk = await openDesk();
    const provisioner = desk.start();
    const said: NodeNews['type'][] = [];
    const back = new Promise<void>(resolve => {
      provisioner.news$.subscribe(({ type }) => {
        said.push(type);
        if (type === 'reachable') resolve();
      });
    });
    await provisioner.provision(one, never);
    await desk.sshd.dropSessions();
    await back;
    provisioner.close();
    expect(said).toEqual(['unreachable', 'reachable']);
  });

  it('are taken up while they do not answer, and are tried on', async () => {
    await using desk = await openDesk();
    {
      using provisioner = desk.start();
      await provisioner.provision(one, never);
    }
    await desk.sshd.stop();
    using provisioner = desk.start();
    const news = firstValueFrom(provisioner.news$);
    await provisioner.connect(one);
    expect(await news).toMatchObject({ type: 'unreachable', nodeId: one });
    const reachable = firstValueFrom(provisioner.news$);
    await desk.sshd.start();
    expect(await reachable).toEqual({ type: 'reachable', nodeId: one });
  });

  it('are no lost nodes when a restart finds an ssh configuration that can not be used: what is asked of them waits', async () => {
    await using desk = await openDesk();
    {
      using provisioner = desk.start();
      await provisioner.provision(one, never);
    }
    await desk.sshd.setClient({ IdentityFile: join(desk.folder, 'none') });
    using provisioner = desk.start();
    const connected = provisioner.connect(one);
    const asked = provisioner.hostOf(one).run('echo here', never);
    const failure = await connected.catch((error: Error) => error);
    expect(failure).not.toBeInstanceOf(NodeGoneError);
    expect(failure).toMatchObject({ message: expect.stringContaining('there is no key to log in with') });
    await desk.sshd.setClient({ IdentityFile: join(desk.sshd.bin, '..', 'user') });
    await Promise.all([expect(asked).rejects.toBeInstanceOf(UnreachableError), provisioner.connect(one)]);
    expect((await outputOf(provisioner.hostOf(one), 'echo here')).stdout.toString()).toBe('here\n');
  });

  it('answer nobody any more who waited for one that is ended before it could be connected again', async () => {
    await using desk = await openDesk();
    {
      using provisioner = desk.start();
      await provisioner.provision(one, never);
    }
    await desk.sshd.setClient({ IdentityFile: join(desk.folder, 'none') });
    using provisioner = desk.start();
    await expect(provisioner.connect(one)).rejects.toThrow();
    const asked = provisioner.hostOf(one).run('echo here', never);
    await Promise.all([expect(asked).rejects.toBeInstanceOf(NodeGoneError), provisioner.terminate(one)]);
  });

  it('say what they are busy with', async () => {
    await using desk = await openDesk();
    using provisioner = desk.start();
    const said: (string | null)[] = [];
    provisioner.activity$.subscribe(({ activity }) => said.push(activity));
    await provisioner.provision(one, never);
    expect(said).toEqual([`connecting to ${desk.host}`, 'waiting for Docker', null]);
  });

  it('are no nodes without Docker, and free for the next attempt', async () => {
    await using desk = await openDesk();
    using provisioner = desk.start({ dockerSocket: 'unix:///nowhere/docker.sock' });
    for (let attempt = 0; attempt < 2; attempt += 1)
      await expect(provisioner.provision(one, never)).rejects.toThrow(
        'there is no /nowhere/docker.sock: is the Docker engine installed',
      );
  });
});

describe.skipIf(!sshdIsInstalled())('who a host is', () => {
  const knownHosts = (desk: Desk): string => join(desk.folder, 'known_hosts');
  const withKnownHosts = async (desk: Desk, lines: string): Promise<void> => {
    const { IdentityFile } = Object.fromEntries(
      (await readFile(join(desk.sshd.bin, '..', 'ssh_config'), 'utf8'))
        .split('\n')
        .map(line => line.split(' ') as [string, string]),
    );
    await writeFile(knownHosts(desk), lines);
    await desk.sshd.setClient({ IdentityFile: IdentityFile ?? '', UserKnownHostsFile: knownHosts(desk) });
  };

  it('must be in known_hosts; the error has the commands that put it there', async () => {
    await using desk = await openDesk();
    await withKnownHosts(desk, '');
    using provisioner = desk.start();
    const { port, username } = desk.sshd;
    await expect(provisioner.provision(one, never)).rejects.toThrow(
      new RegExp(
        `the host is not in known_hosts \\(\\[127.0.0.1\\]:${port}\\); it shows ssh-ed25519 SHA256:\\S+. Log in once as the user that runs ` +
          `the server \\(ssh -p ${port} ${username}@127.0.0.1\\), or, when you trust the network, ssh-keyscan -p ${port} 127.0.0.1 >> `,
      ),
    );
  });

  it('may be in known_hosts under a hashed name, and with keys of other types', async () => {
    await using desk = await openDesk();
    await run('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', join(desk.folder, 'other')]);
    const other = await readFile(join(desk.folder, 'other.pub'), 'utf8');
    await withKnownHosts(desk, `[127.0.0.1]:${desk.sshd.port} ${desk.sshd.hostKey}\n[127.0.0.1]:${desk.sshd.port} ${other}`);
    await run('ssh-keygen', ['-H', '-f', knownHosts(desk)]);
    expect(await readFile(knownHosts(desk), 'utf8')).not.toContain('127.0.0.1');
    using provisioner = desk.start();
    await provisioner.provision(one, never);
  });

  it('is asked for the type of key that is known, of several that it has', async () => {
    await using keys = await temporaryFolder();
    const ecdsa = join(keys.path, 'ecdsa');
    await run('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', ecdsa]);
    await using desk = await openDesk([`HostKey ${ecdsa}`]);
    await withKnownHosts(desk, `[127.0.0.1]:${desk.sshd.port} ${await readFile(`${ecdsa}.pub`, 'utf8')}`);
    using provisioner = desk.start();
    await provisioner.provision(one, never);
  });

  it('is refused when its key changed, with what to do if that is as it should be', async () => {
    await using desk = await openDesk();
    await desk.sshd.changeHostKey();
    await desk.sshd.stop();
    await desk.sshd.start();
    using provisioner = desk.start();
    await expect(provisioner.provision(one, never)).rejects.toThrow(
      /the host key changed: known_hosts has SHA256:\S+, and the host shows SHA256:\S+. Somebody else may answer .*ssh-keygen -R '\[127.0.0.1\]:\d+'/,
    );
  });

  it('is refused when its key is revoked', async () => {
    await using desk = await openDesk();
    const line = `[127.0.0.1]:${desk.sshd.port} ${desk.sshd.hostKey}`;
    await withKnownHosts(desk, `${line}\n@revoked ${line}\n`);
    using provisioner = desk.start();
    await expect(provisioner.provision(one, never)).rejects.toThrow(
      /its host key SHA256:\S+ is marked as revoked in known_hosts/,
    );
  });

  it('may be an alias of the ssh configuration', async () => {
    await using desk = await openDesk();
    await withKnownHosts(desk, `the-ci-host ${desk.sshd.hostKey}\n`);
    const { IdentityFile } = { IdentityFile: join(desk.sshd.bin, '..', 'user') };
    await desk.sshd.setClient({
      IdentityFile,
      UserKnownHostsFile: knownHosts(desk),
      HostName: '127.0.0.1',
      Port: String(desk.sshd.port),
      HostKeyAlias: 'the-ci-host',
    });
    const host = `${desk.sshd.username}@ci`;
    using provisioner = desk.start({ hosts: [host] });
    await provisioner.provision(one, never);
  });

  it('can not be reached by way of another host', async () => {
    await using desk = await openDesk();
    await desk.sshd.setClient({ ProxyJump: 'gate' });
    using provisioner = desk.start();
    await expect(provisioner.provision(one, never)).rejects.toThrow('has proxyjump gate for it; a node must be reached directly');
  });
});

describe.skipIf(!sshdIsInstalled())('what to log in with', () => {
  it('may be the keys of an agent', async () => {
    await using desk = await openDesk();
    const socket = join(desk.folder, 'agent');
    const { stdout } = await run('ssh-agent', ['-a', socket]);
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1]);
    try {
      const key = join(desk.sshd.bin, '..', 'user');
      await run('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      await desk.sshd.setClient({ IdentityFile: join(desk.folder, 'none') });
      using provisioner = desk.start({ env: { PATH: `${desk.sshd.bin}:${process.env.PATH}`, SSH_AUTH_SOCK: socket } });
      await provisioner.provision(one, never);
    } finally {
      process.kill(pid);
    }
  });

  it('is no key with a passphrase without an agent', async () => {
    await using desk = await openDesk();
    await mkdir(join(desk.folder, '.ssh'));
    const key = join(desk.folder, '.ssh', 'id_ed25519');
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', key]);
    await desk.sshd.setClient({ IdentityFile: '~/.ssh/id_ed25519' });
    using provisioner = desk.start();
    await expect(provisioner.provision(one, never)).rejects.toThrow(
      `${key} has a passphrase, and there is no agent: ssh-add the key`,
    );
  });
});
