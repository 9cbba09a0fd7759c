import { randomUUID } from 'node:crypto';
import { chmod, chown, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { takeOver } from '../../src/docker/take-over.ts';
import type { TaskFullName } from '../../src/domain/names.ts';
import { createLocalWorkspace } from '../../src/workspace/local.ts';
import { createRemoteWorkspace } from '../../src/workspace/remote.ts';
import { describeOnEngine, expectNothingLeft, theEngine } from '../support/engine.ts';
import { busyboxImage } from '../support/images.ts';
import { shellHost } from '../support/shell-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describeOnEngine("what a container left in a task's folder", () => {
  it("becomes another user's to remove, however deep, without a program in any image", async () => {
    await busyboxImage();
    await using folder = await temporaryFolder();
    const folders = ['.', 'a', 'a/b', 'a/b/c', 'with space', '-x'].map(path => join(folder.path, path));
    for (const path of folders) await mkdir(path, { recursive: true, mode: 0o700 });
    await writeFile(join(folder.path, 'a/b/file'), 'stays as it is', { mode: 0o600 });
    const instance = randomUUID();
    const nobody = { uid: 65_534, gid: 65_534 };

    await takeOver(theEngine(), instance, folder.path, nobody);

    expect(await Promise.all(folders.map(async path => (await stat(path)).uid))).toEqual(folders.map(() => nobody.uid));
    await expectNothingLeft(instance);
  });

  // Two users are needed to see what one may not do: skipped by name where the specs do not run as root.
  it.skipIf(process.getuid?.() !== 0)('goes from the node of a login that is neither root nor can become it', async () => {
    await busyboxImage();
    await using folder = await temporaryFolder();
    await chmod(folder.path, 0o755);
    const home = join(folder.path, 'home');
    await mkdir(home);
    await chown(home, 65_534, 65_534);
    const instance = randomUUID();
    const workspace = createRemoteWorkspace({
      host: shellHost({ home, user: { uid: 65_534, gid: 65_534 } }),
      root: 'workspace',
      logs: createLocalWorkspace({ root: join(folder.path, 'server') }),
      takeOver: (path, owner, look) => takeOver(theEngine(), instance, path, owner, look),
    });
    const task = 'build-red-fox-unit' as TaskFullName;
    const path = await workspace.ensure(task);
    // As a container does, whose root is the host's: each folder is seen only once the one above it was given.
    await mkdir(join(path, 'output/cellar/vault/chest'), { recursive: true, mode: 0o700 });
    await writeFile(join(path, 'output/cellar/vault/chest/coin'), 'private', { mode: 0o600 });

    await workspace.remove(task);

    expect(await readdir(join(home, 'workspace'))).toEqual([]);
    await expectNothingLeft(instance);
  });
});
