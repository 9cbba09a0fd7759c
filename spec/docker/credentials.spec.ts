import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findCredentials, registryOf } from '../../src/docker/credentials.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const HUB = 'https://index.docker.io/v1/';

it.each([
  ['redis', HUB],
  ['redis:7', HUB],
  ['bitnami/redis:7', HUB],
  ['docker.io/library/redis', HUB],
  ['localhost/redis', 'localhost'],
  ['localhost:5000/redis:7', 'localhost:5000'],
  ['registry.example/a/b@sha256:0000', 'registry.example'],
])('knows whose image %s is: %s', (image, registry) => {
  expect(registryOf(image)).toBe(registry);
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('credentials', () => {
  it("come from the user's config.json", async () => {
    const config = { auths: { 'registry.example': { auth: base64('ada:pass:word') }, [HUB]: { auth: base64('hub:secret') } } };
    expect(await findCredentials(config, 'registry.example')).toEqual({
      username: 'ada',
      password: 'pass:word',
      serveraddress: 'registry.example',
    });
    expect(await findCredentials(config, HUB)).toMatchObject({ username: 'hub', password: 'secret' });
    expect(await findCredentials(config, 'other.example')).toBeNull();
    expect(await findCredentials({}, HUB)).toBeNull();
  });

  it('are found under an address, as older versions wrote it, and may be a token', async () => {
    const config = { auths: { 'https://registry.example/v2/': { identitytoken: 'abc', auth: '' } } };
    expect(await findCredentials(config, 'registry.example')).toEqual({
      identitytoken: 'abc',
      serveraddress: 'registry.example',
    });
  });

  describe('of a helper', () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;

    beforeEach(async () => {
      folder = await temporaryFolder();
      vi.stubEnv('PATH', `${folder.path}:${process.env.PATH}`);
    });
    afterEach(async () => {
      vi.unstubAllEnvs();
      await folder[Symbol.asyncDispose]();
    });

    const install = async (name: string, script: string): Promise<void> => {
      const path = join(folder.path, `docker-credential-${name}`);
      await writeFile(path, `#!/bin/sh\n${script}\n`);
      await chmod(path, 0o755);
    };

    it("are those of the registry's own before those of the one for all", async () => {
      await install('own', 'read registry; echo "{\\"Username\\":\\"for $registry\\",\\"Secret\\":\\"s\\"}"');
      await install('all', 'echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"t\\"}"');
      const config = { credHelpers: { 'registry.example': 'own' }, credsStore: 'all' };
      expect(await findCredentials(config, 'registry.example')).toMatchObject({
        username: 'for registry.example',
        password: 's',
      });
      expect(await findCredentials(config, HUB)).toEqual({ identitytoken: 't', serveraddress: HUB });
    });

    it('are those of the file where the helper has none', async () => {
      await install('empty', 'echo "credentials not found in native keychain"; exit 1');
      const config = { credsStore: 'empty', auths: { 'registry.example': { auth: base64('ada:x') } } };
      expect(await findCredentials(config, 'registry.example')).toMatchObject({ username: 'ada' });
      expect(await findCredentials(config, HUB)).toBeNull();
    });

    it("can't be had when the helper fails, in its words", async () => {
      await install('broken', 'echo "the keychain is locked" >&2; exit 1');
      await expect(findCredentials({ credsStore: 'broken' }, HUB)).rejects.toThrow(
        'docker-credential-broken: the keychain is locked',
      );
      await expect(findCredentials({ credsStore: 'missing' }, HUB)).rejects.toThrow(/docker-credential-missing.*ENOENT/);
    });
  });
});
