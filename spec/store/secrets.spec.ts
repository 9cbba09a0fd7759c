import { randomBytes } from 'node:crypto';
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSecretStore } from '../../src/store/secrets.ts';

const openFolder = async () => {
  const folder = await mkdtempDisposable(join(tmpdir(), 'alfred-secrets-'));
  const secrets = join(folder.path, 'secrets');
  await mkdir(secrets);
  return {
    path: secrets,
    put: (name: string, content: string | Uint8Array) => writeFile(join(secrets, name), content),
    store: createSecretStore({ folder: secrets }),
    [Symbol.asyncDispose]: () => folder.remove(),
  };
};

describe('a secret', () => {
  it('is what its file holds, byte for byte', async () => {
    await using folder = await openFolder();
    const bytes = randomBytes(300);
    await folder.put('npm.token', bytes);
    await folder.put('line', 'with its newline\n');
    expect(bytes.equals(await folder.store.read('npm.token'))).toBe(true);
    expect(`${await folder.store.read('line')}`).toBe('with its newline\n');
  });

  it('that is missing is told by its name, with the folder where it belongs', async () => {
    await using folder = await openFolder();
    await expect(folder.store.read('npm-token')).rejects.toThrow(
      `there is no secret npm-token: the server looks for it in ${folder.path}`,
    );
  });

  it('that is a folder is told so', async () => {
    await using folder = await openFolder();
    await mkdir(join(folder.path, 'nested'));
    await expect(folder.store.read('nested')).rejects.toThrow('the secret nested in');
  });

  it.each(['..', '.', '', '.hidden', '../outside', 'a/b', '/etc/passwd', 'a\0b', '-n', 'a\n'])(
    'is never outside: %j is refused',
    async name => {
      await using folder = await openFolder();
      await writeFile(join(folder.path, '../outside'), 'not to be read');
      await expect(folder.store.read(name)).rejects.toThrow('is no name for a secret');
    },
  );
});
