/**
 * A real sshd on a high port of the loopback, with keys of its own, for whoever runs the specs; and an `ssh` that knows how to get
 * in, to be found before the system's. Nothing of the user's own configuration is read or written.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

const SSHD = '/usr/sbin/sshd';

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Whether a real sshd can be had. In CI it must: a spec that is skipped there is a spec that never runs. */
export const sshdIsInstalled = (): boolean => {
  const installed = process.platform === 'linux' && isExecutable(SSHD);
  if (!installed && process.env.CI) throw new Error('no sshd in CI: apt-get install openssh-server');
  if (!installed) console.warn('SKIPPED: the specs with a real sshd (install openssh-server to run them)');
  return installed;
};

export type Sshd = AsyncDisposable & {
  readonly port: number;
  readonly username: string;
  /** As a `.pub` file has it. */
  readonly hostKey: string;
  /** Where whoever logs in is at home. */
  readonly home: string;
  /** What gets in. */
  readonly privateKey: Buffer;
  /** Put it first in PATH: holds the `ssh` that has the right key and trusts this sshd. */
  readonly bin: string;
  /** Options of the client's config for one login: `setClient({ IdentityFile: … })`; none: those that get in. */
  setClient(options?: Readonly<Record<string, string>>): Promise<void>;
  /** Cuts off whoever is logged in. */
  dropSessions(): Promise<void>;
  /** Nobody gets in any more, and whoever was in is cut off, until `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** From the next `start` on the host has another key; returns it as a `.pub` file has it. */
  changeHostKey(): Promise<string>;
};

/** Starts an sshd; `extra` are lines of its config. */
export const startSshd = async (extra: readonly string[] = []): Promise<Sshd> => {
  const folder = await mkdtemp(join(tmpdir(), 'alfred-sshd-'));
  const at = (name: string) => join(folder, name);
  for (const name of ['host', 'user']) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)]);
  const hostKey = (await readFile(at('host.pub'), 'utf8')).trim();
  await mkdir(at('home'));
  const port = await freePort();
  await writeFile(at('known_hosts'), `[127.0.0.1]:${port} ${hostKey}\n`);
  await writeFile(
    at('sshd_config'),
    [
      // The first value of a setting counts.
      ...extra,
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${at('host')}`,
      `AuthorizedKeysFile ${at('user.pub')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'PermitRootLogin yes',
      'PidFile none',
      // A home of its own: what a developer's shell does at its start takes time, for each command.
      `SetEnv HOME=${at('home')}`,
    ].join('\n'),
  );
  // Where Debian's sshd, started by root, locks its unprivileged half in.
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const start = async (): Promise<ChildProcess> => {
    const started = spawn(SSHD, ['-D', '-e', '-f', at('sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
    await listening(started);
    return started;
  };
  let sshd = await start();
  const dropSessions = async () => {
    for (const pid of await childrenOf(sshd.pid)) process.kill(pid, 'SIGKILL');
  };
  const stop = async () => {
    if (sshd.exitCode !== null || sshd.signalCode !== null) return;
    const exited = once(sshd, 'exit');
    const children = await childrenOf(sshd.pid);
    sshd.kill();
    await exited;
    for (const pid of children) killIfAlive(pid);
  };

  const setClient = async (options: Readonly<Record<string, string>> = {}) => {
    const config = { IdentityFile: at('user'), IdentitiesOnly: 'yes', UserKnownHostsFile: at('known_hosts'), ...options };
    await writeFile(
      at('ssh_config'),
      Object.entries(config)
        .map(([key, value]) => `${key} ${value}\n`)
        .join(''),
    );
  };
  await setClient();
  const bin = at('bin');
  await mkdir(bin);
  await writeFile(join(bin, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${at('ssh_config')} "$@"\n`);
  await chmod(join(bin, 'ssh'), 0o755);

  return {
    port,
    username: userInfo().username,
    hostKey,
    bin,
    setClient,
    home: at('home'),
    privateKey: await readFile(at('user')),
    dropSessions,
    stop,
    start: async () => {
      sshd = await start();
    },
    changeHostKey: async () => {
      await rm(at('host'));
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at('host')]);
      return (await readFile(at('host.pub'), 'utf8')).trim();
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
};

const listening = async (sshd: ChildProcess): Promise<void> => {
  const said: string[] = [];
  if (sshd.stderr === null) throw new TypeError('stderr is a pipe');
  for await (const line of createInterface(sshd.stderr)) {
    said.push(line);
    if (line.startsWith('Server listening')) {
      sshd.stderr.resume();
      return;
    }
  }
  throw new Error(`sshd did not start: ${said.join('; ')}`);
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise(closed => server.close(closed));
  if (address === null || typeof address === 'string') throw new TypeError('a port was asked for');
  return address.port;
};

const killIfAlive = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went with its sshd.
  }
};

const childrenOf = async (pid: number | undefined): Promise<readonly number[]> => {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').filter(Boolean).map(Number);
};
