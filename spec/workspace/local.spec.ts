import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtempDisposable, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import type { TaskFullName } from '../../src/domain/names.ts';
import { createLocalWorkspace } from '../../src/workspace/local.ts';
import { type WorkspaceUnderTest, workspaceContract } from '../contract/workspace.ts';
import { bash } from '../support/bash.ts';
import { readLog } from '../support/log-text.ts';
import { openFiles } from './open-files.ts';

const open = async (): Promise<WorkspaceUnderTest> => {
  const folder = await mkdtempDisposable(join(tmpdir(), 'alfred-workspace-'));
  return {
    workspace: createLocalWorkspace({ root: join(folder.path, 'node') }),
    shell: bash,
    [Symbol.asyncDispose]: () => folder.remove(),
  };
};

workspaceContract('a local workspace', open);

describe.skipIf(process.platform !== 'linux')('a follower that reads nothing for a while', () => {
  it('still gets the logs that came up and were removed meanwhile', async () => {
    await using test = await open();
    const task = 'build-red-fox-unit' as TaskFullName;
    const path = await test.workspace.ensure(task);
    const write = async (fileName: string, text: string): Promise<void> => {
      const log = await test.workspace.openLog(task, fileName);
      await log.append(Buffer.from(text));
      await log.close();
    };
    await write('unit-step-1.log', 'one\n');
    const ended = new AbortController();
    const logs = test.workspace.readLogs(task, { tailLines: 9, follow: { ended: ended.signal } }, new AbortController().signal);
    const chunks = logs[Symbol.asyncIterator]();
    await chunks.next();
    await write('unit-step-2.log', 'two\n');
    await vi.waitFor(async () => expect(await openFiles()).toContain(`${path}/output/unit-step-2.log`));
    await test.workspace.remove(task);
    ended.abort();
    const rest = await readLog({ [Symbol.asyncIterator]: () => chunks });
    expect(`${rest}`).toBe('one\n\n==> unit-step-2.log <==\ntwo\n');
    expect((await openFiles()).filter(file => file.startsWith(path))).toEqual([]);
  });
});

it('shows the last lines of a log of a terabyte at once: the rest is not read', async () => {
  await using test = await open();
  const task = 'build-red-fox-unit' as TaskFullName;
  const path = await test.workspace.ensure(task);
  await test.shell(`${path}/output`, "truncate -s 1T unit-step-1.log && printf '\\none\\ntwo\\n' >> unit-step-1.log");
  const text = await readLog(test.workspace.readLogs(task, { tailLines: 2, follow: null }, new AbortController().signal));
  expect(`${text}`).toBe('==> unit-step-1.log <==\none\ntwo\n');
});

const NOBODY = 65_534;

// Two users are needed to see what one may not do: skipped by name where the specs do not run as root.
describe.skipIf(process.getuid?.() !== 0)('a server that is not root', { timeout: 60_000 }, () => {
  it('packs what it may read, names what it may not, and has the rest removed by a container', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'alfred-nobody-'));
    await chmod(folder.path, 0o755);
    await chown(folder.path, NOBODY, NOBODY);
    const archive = join(folder.path, 'archive');
    await using server = startAsNobody(join(folder.path, 'node'), archive);

    const path = `${await server.says()}`.replace('made ', '');
    // As a container does, whose root is the host's.
    await mkdir(join(path, 'output/deep'));
    await writeFile(join(path, 'output/deep/file'), 'readable');
    await writeFile(join(path, 'output/key'), 'private', { mode: 0o600 });
    await mkdir(join(path, 'output/cellar'), { mode: 0o700 });
    server.goOn();

    expect(await server.says()).toBe('refused EACCES');
    const tar = zstdDecompressSync(await readFile(archive)).toString('latin1');
    expect(tar).toContain('readable');
    expect(tar).not.toContain('private');
    expect(tar).toMatch(/alfred-left-out\.txt[\s\S]*not in this archive:\ncellar\nkey\n/);
    server.goOn();

    expect(await server.says()).toBe(`take over ${path}`);
    await rm(join(path, 'output'), { recursive: true });
    server.goOn();
    expect(await server.says()).toBe('left 0');
    server.goOn();
  });
});

/** The other process: what it says, line by line, and a way to let it go on. */
const startAsNobody = (root: string, archive: string) => {
  const script = join(import.meta.dirname, 'as-nobody.ts');
  const child = spawn(process.execPath, [script, root, archive], {
    uid: NOBODY,
    gid: NOBODY,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    says: async (): Promise<string | undefined> => (await lines.next()).value,
    goOn: () => child.stdin.write('\n'),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      if (child.exitCode === null) await new Promise(resolve => child.once('exit', resolve));
    },
  };
};
