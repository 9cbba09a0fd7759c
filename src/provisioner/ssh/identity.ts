import { readFile } from 'node:fs/promises';
import ssh2 from 'ssh2';
import { hasCode } from '../../base/error-code.ts';
import type { LinkOptions } from './link.ts';
import type { SshConfig } from './ssh-config.ts';
import { addressOf } from './words.ts';

/** What to log in with: the agent, and the keys that need no passphrase. Rejects when there is neither, and says why. */
export const readIdentity = async ({ target, identityFiles, agent }: SshConfig): Promise<LinkOptions['identity']> => {
  const files = await Promise.all(identityFiles.map(readKey));
  const privateKeys = files.flatMap(({ key }) => (key === null ? [] : [key]));
  const locked = files.filter(({ state }) => state === 'locked').map(({ path }) => path);
  if (agent !== null) return { privateKeys, agent };
  if (privateKeys.length > 0) return { privateKeys };
  throw new Error(
    locked.length > 0
      ? `ssh ${addressOf(target)}: ${locked.join(', ')} has a passphrase, and there is no agent: ssh-add the key, and start the server with SSH_AUTH_SOCK set`
      : `ssh ${addressOf(target)}: there is no key to log in with (looked for ${identityFiles.join(', ')}, and SSH_AUTH_SOCK is not set)`,
  );
};

type KeyFile = { readonly path: string; readonly key: Buffer | null; readonly state: 'usable' | 'locked' | 'none' };

const readKey = async (path: string): Promise<KeyFile> => {
  try {
    const key = await readFile(path);
    const parsed = ssh2.utils.parseKey(key);
    if (!(parsed instanceof Error)) return { path, key, state: 'usable' };
    return { path, key: null, state: /encrypted/i.test(parsed.message) ? 'locked' : 'none' };
  } catch (error) {
    // ssh names files that may be there.
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return { path, key: null, state: 'none' };
    throw error;
  }
};
