/** Which server a command talks to, and how it gets there: from the options, the environment and the build. */
import { isIPv6 } from 'node:net';
import { buildInfo } from '../base/build-info.ts';
import { UsageError } from './errors.ts';
import type { Io } from './io.ts';

const DEFAULT_PORT = 25_373;

/** What ssh is told unless the user says otherwise. */
export const SSH_DEFAULTS = { sshUsername: 'alfred-user', sshPort: 22 } as const;

export type RemoteOptions = {
  readonly remote?: string;
  readonly local?: boolean;
  /** `undefined`: as the host needs it. */
  readonly sshTunneling?: boolean;
  readonly sshUsername: string;
  readonly sshPort: number;
  readonly sshHostKey?: string;
};

export type Tunnel = {
  readonly username: string;
  readonly port: number;
  /** As a line of known_hosts gives it, `ssh-ed25519 AAAA…`; `null`: the user's own known_hosts decides. */
  readonly hostKey: string | null;
};

export type ServerRemote = {
  readonly type: 'server';
  readonly host: string;
  readonly port: number;
  /** `null`: the server is dialled directly. */
  readonly tunnel: Tunnel | null;
  /** Nobody named it: it is the one that the build knows. */
  readonly isDefault: boolean;
};

export type Remote =
  | ServerRemote
  | { readonly type: 'socket'; readonly path: string }
  /** A server of the command's own, for as long as it runs. */
  | { readonly type: 'local' };

/** The first of: `--local`, `--remote`, `ALFRED_REMOTE`, the build's own. Throws {@link UsageError}. */
export const resolveRemote = (options: RemoteOptions, env: Io['env']): Remote => {
  if (options.local) {
    if (options.remote !== undefined) throw new UsageError('--local and --remote contradict each other: give one of them');
    return { type: 'local' };
  }
  const named = options.remote ?? (env.ALFRED_REMOTE || undefined);
  const text = named ?? buildInfo.defaultRemote;
  if (text === 'local') return { type: 'local' };
  if (text.startsWith('unix:')) return { type: 'socket', path: text.slice('unix:'.length) };
  const where = options.remote === undefined ? 'ALFRED_REMOTE' : '--remote';
  const { host, port } = parseHost(text, where);
  const isTunnelled = options.sshTunneling ?? !isThisMachine(host);
  const tunnel = { username: options.sshUsername, port: options.sshPort, hostKey: options.sshHostKey ?? null };
  return { type: 'server', host, port, tunnel: isTunnelled ? tunnel : null, isDefault: named === undefined };
};

/** The options that lead to the same server, for a command to be typed next. */
export const remoteFlags = (options: RemoteOptions): readonly string[] =>
  [
    options.remote === undefined ? [] : ['--remote', options.remote],
    options.sshTunneling === undefined ? [] : [options.sshTunneling ? '--ssh-tunneling' : '--no-ssh-tunneling'],
    options.sshUsername === SSH_DEFAULTS.sshUsername ? [] : ['--ssh-username', options.sshUsername],
    options.sshPort === SSH_DEFAULTS.sshPort ? [] : ['--ssh-port', String(options.sshPort)],
    options.sshHostKey === undefined ? [] : ['--ssh-host-key', options.sshHostKey],
  ].flat();

/** As a user would write it. */
export const describeRemote = (remote: Remote): string => {
  switch (remote.type) {
    case 'local':
      return 'the server inside this command';
    case 'socket':
      return `unix:${remote.path}`;
    case 'server':
      return `${remote.host.includes(':') ? `[${remote.host}]` : remote.host}:${remote.port}`;
  }
};

/** `host`, `host:port`, `[::1]`, `[::1]:port`, `::1`. */
const parseHost = (text: string, where: string): { readonly host: string; readonly port: number } => {
  if (isIPv6(text)) return { host: text, port: DEFAULT_PORT };
  const [, bracketed = '', plain = '', digits] = /^(?:\[([^\]]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  // ssh would take a host that begins with a dash for an option.
  const isHost = isIPv6(bracketed) || (plain !== '' && !plain.startsWith('-'));
  if (!isHost || port < 1 || port > 65_535)
    throw new UsageError(`${where}: ${JSON.stringify(text)} is no server: write host, host:port, unix:PATH or local`);
  return { host: bracketed || plain, port };
};

/** Where a tunnel would lead from this machine to itself. */
const isThisMachine = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host);
