/**
 * The key that opens our servers. It is made here, the cloud gets the public half only. One for all servers of an instance: it is
 * there from before the first until after the last, also over restarts.
 */
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { hasCode } from '../../base/error-code.ts';
import type { Log } from '../../base/log.ts';
import type { Nova } from './nova.ts';
import { hasStatus } from './openstack-error.ts';
import { keypairNameOf } from './ownership.ts';

export type Keypair = {
  readonly name: string;
  /** Makes it, here and in the cloud, or finds it. */
  ensure(signal: AbortSignal): Promise<void>;
  /** The private half; throws an error when there is none, which no server can be reached without. */
  privateKey(): Promise<string>;
  /** Whether the cloud has it. */
  isThere(signal: AbortSignal): Promise<boolean>;
  /** Removes it here and in the cloud, unless `isNeeded` when its turn has come; whether there was one. */
  removeUnless(isNeeded: () => boolean, signal: AbortSignal): Promise<boolean>;
};

export const createKeypair = ({
  nova,
  instance,
  folder,
  log,
}: {
  readonly nova: Nova;
  readonly instance: string;
  readonly folder: string;
  readonly log: Log;
}): Keypair => {
  const name = keypairNameOf(instance);
  const path = join(folder, 'id_ed25519');
  const inTurn = createTurns();

  const ensure = async (signal: AbortSignal): Promise<void> => {
    const ours = publicHalf((await readOrNull(path)) ?? (await makeKey(folder, path)), name);
    const theirs = await nova.findKeypair(name, signal);
    if (theirs !== null && sameKey(theirs, ours)) return;
    if (theirs !== null) {
      log.warn({ keypair: name }, 'the cloud has another key under the name of ours, whose private half is lost: replacing it');
      await nova.deleteKeypair(name, signal);
    }
    await createOrFind(nova, name, ours, signal);
  };

  const isThere = async (signal: AbortSignal): Promise<boolean> => (await nova.findKeypair(name, signal)) !== null;

  const remove = async (signal: AbortSignal): Promise<boolean> => {
    const wasThere = await isThere(signal);
    if (wasThere) await nova.deleteKeypair(name, signal);
    await rm(path, { force: true });
    return wasThere;
  };

  return {
    name,
    ensure: signal => inTurn(() => ensure(signal)),
    privateKey: async () => {
      const key = await readOrNull(path);
      if (key === null)
        throw new Error(`${path} is gone, and with it the key to the servers of this Alfred: restore it from a backup`);
      return key;
    },
    isThere,
    removeUnless: (isNeeded, signal) => inTurn(async () => (isNeeded() ? false : await remove(signal))),
  };
};

/** One after the other: a key that is being removed must not be found by whoever wants to use it. */
const createTurns = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
};

/** A request that was repeated, as its answer was lost, finds the key that the first one made. */
const createOrFind = async (nova: Nova, name: string, publicKey: string, signal: AbortSignal): Promise<void> => {
  try {
    await nova.createKeypair(name, publicKey, signal);
  } catch (error) {
    const theirs = hasStatus(error, 409) ? await nova.findKeypair(name, signal) : null;
    if (theirs === null || !sameKey(theirs, publicKey)) throw error;
  }
};

/** ssh2 1.17 drops the zeros that a public key begins with, so that one in 256 of those that it makes can't be read: then another. */
export const newPrivateKey = (): string => {
  for (;;) {
    const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
};

/** Written beside and renamed, so that a crash leaves none rather than half of one. */
const makeKey = async (folder: string, path: string): Promise<string> => {
  const key = newPrivateKey();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const half = `${path}.part`;
  await writeFile(half, key, { mode: 0o600 });
  // The mode above is for files that are made, not for one that a crash left.
  await chmod(half, 0o600);
  await rename(half, path);
  return key;
};

const publicHalf = (privateKey: string, comment: string): string => {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw new Error(`the private key of ${comment} can't be read: ${key.message}`, { cause: key });
  return `${key.type} ${key.getPublicSSH().toString('base64')} ${comment}`;
};

/** Type and key; the comment may differ. */
const sameKey = (one: string, other: string): boolean => {
  const [a, b] = [one, other].map(key => key.trim().split(/\s+/).slice(0, 2).join(' '));
  return a === b;
};

const readOrNull = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
};
