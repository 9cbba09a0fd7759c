import { randomUUID } from 'node:crypto';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { takeOver } from '../../src/docker/take-over.ts';
import { describeOnEngine, expectNothingLeft, theEngine } from '../support/engine.ts';
import { busyboxImage } from '../support/images.ts';
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
});
