import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that goes with the scope: `await using folder = await temporaryFolder()`. */
export const temporaryFolder = async (): Promise<AsyncDisposable & { readonly path: string }> => {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'alfred-spec-')));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
};
