/**
 * One connection to a port on a remote machine's loopback, through the system's own `ssh`: the user's config, agent, jump hosts
 * and known_hosts apply. Over `socat` where the remote has it; else over `ssh -W`, ten times slower (Nagle's algorithm meets
 * delayed acknowledgements).
 */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** Where to, and as whom. */
export type SshTarget = {
  readonly host: string;
  /** Of the server, on the remote machine's loopback. */
  readonly port: number;
  readonly username: string;
  readonly sshPort: number;
  /** A known_hosts file to trust instead of the user's; `null`: the user's. */
  readonly knownHosts: string | null;
};

/** What carries the bytes from the remote's sshd to the port. */
export type Route = 'socat' | 'forward';

/** A connection: what is written to `stdin` gets there, what comes back is read from `stdout`. */
export type SshConnection = {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves when it is over and all its output was read: with ssh's own words where it failed, else with `null`. */
  readonly ended: Promise<string | null>;
  /** Ends it; harmless when it has ended. */
  end(): void;
};

/** No connection; `message` holds ssh's own words. */
export class SshError extends Error {
  override readonly name: string = 'SshError';
}

/** ssh got in, but the remote ran no socat: it has none, or the account may run nothing. */
class NoSocatError extends SshError {
  override readonly name = 'NoSocatError';
}

const OPTIONS = [
  // Nobody is there to answer a question.
  'BatchMode=yes',
  'ConnectTimeout=20',
  // A remote that vanished is noticed within 45 s.
  'ServerAliveInterval=15',
  'ServerAliveCountMax=3',
  // What the user's config has for interactive logins would clash, or write into the connection.
  'ClearAllForwardings=yes',
  'RemoteCommand=none',
  'RequestTTY=no',
];

/** Connects over the route that is known to work, or finds it. Aborting ends the attempt. Rejects with {@link SshError}. */
export const connectSsh = async (
  target: SshTarget,
  known: Route | null,
  signal: AbortSignal,
): Promise<{ readonly connection: SshConnection; readonly route: Route }> => {
  if (known !== 'forward') {
    try {
      return { connection: await connectOverSocat(target, signal), route: 'socat' };
    } catch (error) {
      if (!(error instanceof NoSocatError)) throw error;
    }
  }
  return { connection: connectionOf(startSsh(target, ['-W', `127.0.0.1:${target.port}`], null), signal), route: 'forward' };
};

/** The remote's shell writes it once it has found socat; all that follows is the connection. */
const READY = 'alfred-tunnel-ready';

/** Exit code of ssh's own failures; any other is the remote command's. */
const SSH_FAILED = 255;

const connectOverSocat = async (target: SshTarget, signal: AbortSignal): Promise<SshConnection> => {
  const socat = `exec socat - TCP:127.0.0.1:${target.port},nodelay`;
  const ssh = startSsh(target, [], `sh -c 'command -v socat >/dev/null || exit 127; echo ${READY}; ${socat}'`);
  const connection = connectionOf(ssh, signal);
  if (await skipPast(ssh.stdout, Buffer.from(`${READY}\n`))) return connection;
  const words = (await connection.ended) ?? 'the connection was closed';
  const ran = ssh.pid !== undefined && ssh.exitCode !== null && ssh.exitCode !== SSH_FAILED;
  throw ran ? new NoSocatError(words) : new SshError(words);
};

type Ssh = ChildProcessByStdio<Writable, Readable, Readable>;

/** In a session of its own: Ctrl+C at the terminal is for the command, which may still have something to say to the server. */
const startSsh = (target: SshTarget, flags: readonly string[], command: string | null): Ssh => {
  const trusted = target.knownHosts === null ? [] : onlyTrust(target.knownHosts);
  const options = [...OPTIONS, ...trusted].flatMap(option => ['-o', option]);
  const login = ['-l', target.username, '-p', String(target.sshPort), '--', target.host];
  return spawn('ssh', [...options, ...flags, ...login, ...(command === null ? [] : [command])], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
};

const onlyTrust = (knownHosts: string): readonly string[] => [
  `UserKnownHostsFile="${knownHosts}"`,
  'GlobalKnownHostsFile=none',
  'StrictHostKeyChecking=yes',
];

const connectionOf = (ssh: Ssh, signal: AbortSignal): SshConnection => {
  const end = () => {
    ssh.kill();
  };
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  const said = lastWords(ssh.stderr);
  const ended = ending(ssh).then(failure => {
    signal.removeEventListener('abort', end);
    return failure === null ? null : said() || failure;
  });
  // Writing to a process that has ended is no news: `ended` tells.
  ssh.stdin.on('error', () => undefined);
  return { stdin: ssh.stdin, stdout: ssh.stdout, ended, end };
};

/** Resolves when the process is over and its output read: `null` when all went well or it was told to end. */
const ending = (ssh: ChildProcess): Promise<string | null> =>
  new Promise(resolve => {
    ssh.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ENOENT' ? 'ssh is not installed; install it, or use --no-ssh-tunneling' : error.message),
    );
    ssh.once('close', code => resolve(code === null || code === 0 ? null : `ssh ended with exit code ${code}`));
  });

/** Keeps the end of what is said; returns its last lines as one. Banners come first, reasons last. */
const lastWords = (stderr: Readable): (() => string) => {
  let said = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_096);
  });
  return () =>
    said
      .split(/[\r\n]+/)
      .filter(line => line.trim() !== '')
      .slice(-3)
      .join('; ');
};

/** Reads up to the end of `mark`, past whatever a login shell printed before; `false` where the stream ends first. */
const skipPast = (stream: Readable, mark: Buffer): Promise<boolean> =>
  new Promise(resolve => {
    let seen = Buffer.alloc(0);
    const settle = (found: boolean) => {
      stream.pause().off('data', look).off('close', fail);
      resolve(found);
    };
    const fail = () => settle(false);
    const look = (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      const at = seen.indexOf(mark);
      if (at < 0) {
        seen = seen.subarray(-mark.length);
        return;
      }
      settle(true);
      const rest = seen.subarray(at + mark.length);
      if (rest.length > 0) stream.unshift(rest);
    };
    stream.on('data', look).on('close', fail);
  });
