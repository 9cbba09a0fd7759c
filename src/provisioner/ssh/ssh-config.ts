/** What this user's ssh would do for a host: asked of ssh itself, so that its configuration counts in all its ways. */
import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { promisify } from 'node:util';
import type { Target } from './words.ts';

const run = promisify(execFile);

export type Environment = Readonly<Record<string, string | undefined>>;

export type SshConfig = {
  /** With the name, port and user that the configuration has for it. */
  readonly target: Target;
  /** The name under which known_hosts has it: `host`, or `[host]:port`. */
  readonly knownAs: string;
  readonly knownHostsFiles: readonly string[];
  /** Files that may hold a private key. */
  readonly identityFiles: readonly string[];
  /** The agent's socket; `null`: none is to be used. */
  readonly agent: string | null;
};

/** Reads `user@host[:port]`, IPv6 addresses in brackets. The form is checked where the option is read. */
const partsOf = (host: string): { readonly username: string; readonly name: string; readonly port: string | null } => {
  const [, username = '', bracketed, plain = '', port = null] = /^([^@]+)@(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(host) ?? [];
  return { username, name: bracketed ?? plain, port };
};

/** Asks `ssh -G`. `host`: `user@host[:port]`. Rejects for a host that is only reached by way of another. */
export const readSshConfig = async (host: string, env: Environment): Promise<SshConfig> => {
  const { username, name, port } = partsOf(host);
  const values = await askSsh(['-G', ...(port === null ? [] : ['-p', port]), '-l', username, '--', name], host, env);
  const value = (key: string): string => values.get(key)?.[0] ?? '';
  for (const proxy of ['proxyjump', 'proxycommand'])
    if (value(proxy) !== '' && value(proxy) !== 'none')
      throw new Error(`ssh ${host}: the ssh configuration has ${proxy} ${value(proxy)} for it; a node must be reached directly`);

  const target = { host: value('hostname'), port: Number(value('port')), username: value('user') };
  const knownName = value('hostkeyalias') || target.host;
  return {
    target,
    knownAs: target.port === 22 || value('hostkeyalias') !== '' ? knownName : `[${knownName}]:${target.port}`,
    knownHostsFiles: ['userknownhostsfile', 'globalknownhostsfile'].flatMap(key => value(key).split(' ').filter(Boolean)),
    identityFiles: (values.get('identityfile') ?? []).map(path => expand(path, target, env)),
    agent: agentOf(value('identityagent'), env),
  };
};

/** The answer of `ssh -G`: keys in small letters, some several times. */
const askSsh = async (
  args: readonly string[],
  host: string,
  env: Environment,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const { stdout } = await run('ssh', [...args], { env: { ...env } }).catch(cause => {
    throw new Error(`ssh ${host}: its configuration can't be read: ${(cause.stderr || cause.message).trim()}`, { cause });
  });
  const pairs = stdout.split('\n').map(line => {
    const space = line.indexOf(' ');
    return { key: line.slice(0, space), value: line.slice(space + 1) };
  });
  return new Map(
    Map.groupBy(pairs, ({ key }) => key)
      .entries()
      .map(([key, found]) => [key, found.map(({ value }) => value)]),
  );
};

/** ssh prints these as they were written. */
const expand = (path: string, { host, username }: Target, env: Environment): string => {
  const home = env.HOME || homedir();
  const tokens: Readonly<Record<string, string>> = { '%d': home, '%h': host, '%r': username, '%%': '%' };
  return path.replace(/^~(?=\/)/, home).replace(/%[dhr%]/g, token => tokens[token] ?? token);
};

const agentOf = (identityAgent: string, env: Environment): string | null => {
  if (identityAgent === 'none') return null;
  return identityAgent === '' || identityAgent === 'SSH_AUTH_SOCK' ? (env.SSH_AUTH_SOCK ?? null) : identityAgent;
};
