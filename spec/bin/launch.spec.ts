import { chmod, cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const BIN = join(import.meta.dirname, '../../bin');

let home: string;

beforeEach(async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  home = folder.path;
  await cp(BIN, join(home, 'bin'), { recursive: true });
});

/** A Node that only says what it was started with. */
const installNode = async (script = 'echo "$@"'): Promise<void> => {
  const folder = join(home, 'node_modules/.bin');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'node'), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, 'node'), 0o755);
};

const writeBundles = async (): Promise<void> => {
  await mkdir(join(home, 'dist'));
  for (const name of ['alfred', 'alfred-server']) await writeFile(join(home, `dist/${name}.js`), '');
};

describe.each(['alfred', 'alfred-server'])('bin/%s', name => {
  it("starts its bundle under the project's own Node, with its arguments as they are", async () => {
    await installNode();
    await writeBundles();

    const { stdout } = await execa(join(home, 'bin', name), ['run', 'a b', '*']);

    expect(stdout).toBe(`${home}/bin/../dist/${name}.js run a b *`);
  });

  it('finds its place through symbolic links, absolute and relative ones', async () => {
    await installNode();
    await writeBundles();
    await mkdir(join(home, 'elsewhere'));
    await symlink(join(home, 'bin', name), join(home, 'elsewhere/absolute'));
    await symlink('../elsewhere/absolute', join(home, 'elsewhere/relative'));

    const { stdout } = await execa(join(home, 'elsewhere/relative'));

    expect(stdout).toContain(`/dist/${name}.js`);
  });

  it('is found when a shell is given its bare name', async () => {
    await installNode();
    await writeBundles();

    const { stdout } = await execa('sh', [name], { cwd: join(home, 'bin') });

    expect(stdout).toContain(`/dist/${name}.js`);
  });

  it('says what to type when nothing is installed', async () => {
    const { exitCode, stderr } = await execa(join(home, 'bin', name), { reject: false });

    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: `${name}: not built yet; run: cd ${home} && npm ci && npm run build`,
    });
  });

  it('says the same when it is installed but not built', async () => {
    await installNode();

    const { exitCode, stderr } = await execa(join(home, 'bin', name), { reject: false });

    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: `${name}: not built yet; run: cd ${home} && npm ci && npm run build`,
    });
  });
});
