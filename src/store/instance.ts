import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../base/error-code.ts';

const INSTANCE = /^[0-9a-f]{16}$/;

/**
 * The random id of the server whose data is in this folder, made when there is none: it marks what is ours on a Docker
 * engine that others use too. Kept beside the database, not in it: who loses that still finds what ran.
 */
export const instanceIn = (folder: string): string => {
  const path = join(folder, 'instance');
  const instance = readOrNull(path) ?? make(path);
  if (!INSTANCE.test(instance)) {
    throw new Error(
      `${path} should hold 16 hexadecimal digits and does not. Restore it from a backup; or remove it, and with it by hand ` +
        `what earlier servers left on the Docker engine, as nobody will know it again`,
    );
  }
  return instance;
};

const readOrNull = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
};

/** Written beside and renamed, so that a crash leaves none rather than half of one. */
const make = (path: string): string => {
  const instance = randomBytes(8).toString('hex');
  const half = `${path}.part`;
  const file = openSync(half, 'w');
  writeSync(file, `${instance}\n`);
  fsyncSync(file);
  closeSync(file);
  renameSync(half, path);
  return instance;
};
