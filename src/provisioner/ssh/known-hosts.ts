/** Host keys that this user knows, from ssh's own files: looked up by `ssh-keygen`, which reads hashed names, patterns and ports. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { type HostKey, HostKeyError, parseHostKey } from './host-key.ts';
import type { Environment, SshConfig } from './ssh-config.ts';
import { addressOf } from './words.ts';

const run = promisify(execFile);

type KnownKey = { readonly key: HostKey; readonly revoked: boolean };

export type KnownHost = {
  /** Rejects with {@link HostKeyError} when the key is not the host's, revoked, or the host is not known. */
  trust(key: HostKey): Promise<void>;
  /** The types of the keys that are known. */
  keyTypes(): Promise<readonly string[]>;
};

/** What is known of a host; looked up each time, so that a host that is made known while the server runs is. */
export const knownHost = (config: SshConfig, env: Environment): KnownHost => {
  const lookUp = async (): Promise<readonly KnownKey[]> =>
    (await Promise.all(config.knownHostsFiles.map(file => keysIn(file, config.knownAs, env)))).flat();

  return {
    keyTypes: async () => (await lookUp()).filter(({ revoked }) => !revoked).map(({ key }) => key.type),
    trust: async shown => {
      const known = await lookUp();
      const same = known.filter(({ key }) => key.blob.equals(shown.blob));
      if (same.some(({ revoked }) => revoked)) throw new HostKeyError(revokedWords(config, shown));
      if (same.length > 0) return;
      const others = known.filter(({ revoked }) => !revoked);
      throw new HostKeyError(others.length === 0 ? unknownWords(config, shown) : changedWords(config, shown, others));
    },
  };
};

const keysIn = async (file: string, name: string, env: Environment): Promise<readonly KnownKey[]> => {
  // ssh names files that may be there; ssh-keygen takes a missing one for an error.
  if (!existsSync(file)) return [];
  // Exits with 1 when it finds nothing.
  const { stdout } = await run('ssh-keygen', ['-F', name, '-f', file], { env: { ...env } }).catch(error => {
    if (error.code === 1) return { stdout: '' };
    throw new Error(`${file} can't be searched for ${name}: ${error.message}`, { cause: error });
  });
  return stdout.split('\n').flatMap(readLine);
};

/** `[@marker] names type base64 [comment]`; authorities are left out, as certificates of hosts are not asked for. */
const readLine = (line: string): readonly KnownKey[] => {
  const words = line.split(' ');
  const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
  const [names = '', , base64 = ''] = words;
  if (names === '' || names.startsWith('#') || base64 === '' || marker === '@cert-authority') return [];
  return [{ key: parseHostKey(Buffer.from(base64, 'base64')), revoked: marker === '@revoked' }];
};

const revokedWords = ({ target, knownAs }: SshConfig, { fingerprint }: HostKey): string =>
  `ssh ${addressOf(target)}: its host key ${fingerprint} is marked as revoked in known_hosts (${knownAs}): give the host a new key`;

const unknownWords = ({ target, knownAs }: SshConfig, { type, fingerprint }: HostKey): string => {
  const port = target.port === 22 ? '' : ` -p ${target.port}`;
  return (
    `ssh ${addressOf(target)}: the host is not in known_hosts (${knownAs}); it shows ${type} ${fingerprint}. ` +
    `Log in once as the user that runs the server (ssh${port} ${target.username}@${target.host}), ` +
    `or, when you trust the network, ssh-keyscan${port} ${target.host} >> ~/.ssh/known_hosts`
  );
};

const changedWords = ({ target, knownAs }: SshConfig, shown: HostKey, known: readonly KnownKey[]): string =>
  `ssh ${addressOf(target)}: the host key changed: known_hosts has ${known.map(({ key }) => key.fingerprint).join(', ')}, ` +
  `and the host shows ${shown.fingerprint}. Somebody else may answer in its place. ` +
  `If it was set up anew: ssh-keygen -R '${knownAs}', then log in once to accept its key`;
