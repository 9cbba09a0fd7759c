import {
  chmod,
  chown,
  mkdir,
  mkdtempDisposable,
  open as openFile,
  readdir,
  readFile,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { decompress } from '../../src/base/zstd.ts';
import type { TaskFullName } from '../../src/domain/names.ts';
import { UnreachableError } from '../../src/engine/ports.ts';
import { createLocalWorkspace } from '../../src/workspace/local.ts';
import { createRemoteWorkspace } from '../../src/workspace/remote.ts';
import type { TakeOverOnNode } from '../../src/workspace/remove-on-node.ts';
import { gather, workspaceContract } from '../contract/workspace.ts';
import { bash } from '../support/bash.ts';
import { readLog } from '../support/log-text.ts';
import { type ShellHostOptions, shellHost } from '../support/shell-host.ts';

const TASK = 'build-red-fox-unit' as TaskFullName;
const MIB = 1 << 20;
/** Each call is a shell or two, on a machine that may be busy. */
const TIMEOUT_MS = 120_000;
const NOBODY = { uid: 65_534, gid: 65_534 };

const never = new AbortController().signal;

type RemoteOptions = Omit<ShellHostOptions, 'home'> & { readonly root?: string; readonly takeOver?: TakeOverOnNode };

/** A node whose login begins in `<path>/home`, and a server with its logs in `<path>/server`. */
const open = async ({ root = 'workspace', takeOver, ...login }: RemoteOptions = {}) => {
  const folder = await mkdtempDisposable(join(tmpdir(), 'alfred-remote-'));
  const home = join(folder.path, 'home');
  await mkdir(home);
  await chmod(folder.path, 0o755);
  if (login.user !== undefined) await chown(home, login.user.uid, login.user.gid);
  const host = shellHost({ home, ...login });
  const logs = createLocalWorkspace({ root: join(folder.path, 'server') });
  const workspace = createRemoteWorkspace({ host, root, logs, ...(takeOver && { takeOver }) });
  return {
    path: folder.path,
    home,
    host,
    workspace,
    shell: bash,
    pack: () => workspace.pack(TASK, never),
    /** A log with one line. */
    log: async (line: string) => {
      const log = await workspace.openLog(TASK, 'unit-step-1.log');
      await log.append(Buffer.from(`${line}\n`));
      await log.close();
    },
    [Symbol.asyncDispose]: () => folder.remove(),
  };
};

/** The texts of an archive's files, by their names, in its order. */
const filesOf = async (archive: AsyncIterable<Uint8Array>): Promise<Readonly<Record<string, string>>> => {
  const files: Record<string, string> = {};
  for await (const entry of Readable.from(decompress(archive)).pipe(extract())) {
    files[entry.header.name] = (await gather(entry as AsyncIterable<Uint8Array>)).toString('latin1');
  }
  return files;
};

/** The stream, with something done once this many bytes of it were read. */
async function* after(bytes: number, source: AsyncIterable<Uint8Array>, act: () => Promise<unknown>): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of source) {
    if (left > 0 && left <= chunk.length) await act();
    left -= chunk.length;
    yield chunk;
  }
}

/** A folder with links to these programs of this machine and no others, for a `PATH`. */
const programs = async (folder: string, names: readonly string[]): Promise<string> => {
  const path = join(folder, 'bin');
  await mkdir(path);
  for (const name of names) await symlink(`${await bash('/', `command -v ${name}`)}`.trim(), join(path, name));
  return path;
};

const USUAL = ['sh', 'id', 'mkdir', 'chmod', 'grep', 'sort', 'rm', 'sleep'];

workspaceContract('a workspace on another machine', () => open());

describe("a task's folder on another machine", { timeout: TIMEOUT_MS }, () => {
  it("is in the login's home, by the path that the engine there knows, and made in one round", async () => {
    await using node = await open();
    await mkdir(join(node.path, 'disk'));
    await symlink(join(node.path, 'disk'), join(node.home, 'workspace'));
    expect(await node.workspace.ensure(TASK)).toBe(join(node.path, 'disk', TASK));
    expect(node.host.begun).toBe(1);
  });

  it.each(['it\'s a "$HOME" `id`; *', '-rf', 'two\nlines'])('may be in a root called %j', async root => {
    await using node = await open({ root });
    const path = await node.workspace.ensure(TASK);
    expect(path).toBe(join(node.home, root, TASK));
    await writeFile(join(path, 'output/file'), 'kept');
    expect(await filesOf(node.pack())).toEqual({ file: 'kept' });
    expect(await node.workspace.list()).toEqual([TASK]);
    await node.workspace.remove(TASK);
    expect(await readdir(join(node.home, root))).toEqual([]);
  });

  it('is not made where there is something else', async () => {
    await using node = await open();
    await mkdir(join(node.home, 'workspace'));
    await symlink('/etc', join(node.home, 'workspace', TASK));
    await expect(node.workspace.ensure(TASK)).rejects.toThrow(`ada@10.0.0.7: ${node.home}/workspace/${TASK} is no folder`);
  });

  it('is not made where its archive could not be made later: the task would have run in vain', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'alfred-programs-'));
    await using node = await open({ path: await programs(folder.path, [...USUAL, 'find']) });
    await expect(node.workspace.ensure(TASK)).rejects.toThrow(
      'there is no GNU tar, which the archives of tasks take: install it',
    );
  });

  it('is listed though only its logs, or only its files, are left', async () => {
    await using node = await open();
    await mkdir(join(node.home, 'workspace/build-red-fox-there/output'), { recursive: true });
    await mkdir(join(node.path, 'server/build-red-fox-here/output'), { recursive: true });
    expect((await node.workspace.list()).toSorted()).toEqual(['build-red-fox-here', 'build-red-fox-there']);
  });
});

describe('the archive of a task on another machine', { timeout: TIMEOUT_MS }, () => {
  it('is the same from a node without zstd', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'alfred-programs-'));
    await using node = await open({ path: await programs(folder.path, [...USUAL, 'find', 'tar']) });
    const path = await node.workspace.ensure(TASK);
    await node.log('a line');
    await writeFile(join(path, 'output/report.txt'), 'all well');
    expect(await filesOf(node.pack())).toEqual({ 'unit-step-1.log': 'a line\n', 'report.txt': 'all well' });
  });

  it("has Alfred's log, not a container's file of that name", async () => {
    await using node = await open();
    const path = await node.workspace.ensure(TASK);
    await node.log('what was said');
    await writeFile(join(path, 'output/unit-step-1.log'), 'what was never said');
    await mkdir(join(path, 'output/deep'));
    await writeFile(join(path, 'output/deep/unit-step-1.log'), 'a file like others');
    expect(await filesOf(node.pack())).toEqual({
      'unit-step-1.log': 'what was said\n',
      'deep/': '',
      'deep/unit-step-1.log': 'a file like others',
    });
  });

  it('has files of any name, and no pipes however deep', async () => {
    await using node = await open();
    const path = await node.workspace.ensure(TASK);
    const names = ['--checkpoint-action=exec=false', '-C', 'a\\tb', 'new\nline', 'q\'uo"te *', '[a-z]?'];
    for (const name of names) await writeFile(join(path, 'output', name), name);
    await mkdir(join(path, 'output/d/--exclude=*'), { recursive: true });
    await bash(join(path, 'output/d'), "mkfifo -- pipe '--exclude=*/[p]*' && echo kept > kept");
    const expected = [...names.map(name => [name, name]), ['d/', ''], ['d/--exclude=*/', ''], ['d/kept', 'kept\n']];
    expect(await filesOf(node.pack())).toEqual(Object.fromEntries(expected));
  });

  it('has hard links as files of their own', async () => {
    await using node = await open();
    const path = await node.workspace.ensure(TASK);
    await bash(join(path, 'output'), 'echo shared > a && ln a b');
    expect(await filesOf(node.pack())).toEqual({ a: 'shared\n', b: 'shared\n' });
  });

  it('has each file as long as it was found, and goes on without what vanishes', async () => {
    await using node = await open();
    const path = await node.workspace.ensure(TASK);
    // More than what is held on the way, so that tar is still in it when the change comes.
    await bash(join(path, 'output'), 'head -c 30000000 /dev/urandom > a && mkdir c && touch b c/file');
    const change = () => bash(join(path, 'output'), 'truncate -s 25000000 a && rm -r b c');
    const files = await filesOf(after(1_000_000, node.pack(), change));
    expect(Object.keys(files)).toEqual(['a']);
    const [text = ''] = Object.values(files);
    expect(text).toHaveLength(30_000_000);
    expect(text.slice(25_000_000)).toBe('\0'.repeat(5_000_000));
  });

  it('comes as it is made: a gigabyte passes through little memory, also where it is compressed here', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'alfred-programs-'));
    await using node = await open({ path: await programs(folder.path, [...USUAL, 'find', 'tar']) });
    const path = await node.workspace.ensure(TASK);
    await bash(join(path, 'output'), 'truncate -s 1G sparse');
    const before = process.memoryUsage().arrayBuffers;
    let peak = 0;
    await using file = await openFile(join(node.path, 'archive'), 'w');
    for await (const chunk of node.pack()) {
      await file.write(chunk);
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    }
    expect(`${await bash(node.path, 'zstd -dcq archive | wc -c')}`.trim()).toMatch(/^10737\d{5}$/);
    expect(peak).toBeLessThan(128 * MIB);
  });

  it('has all of a hundred thousand small files, which are removed in one go', async () => {
    await using node = await open();
    const path = await node.workspace.ensure(TASK);
    await bash(join(path, 'output'), 'mkdir {1..100} && touch {1..100}/{1..999} {1001..1100}');
    await writeFile(join(node.path, 'archive'), node.pack());
    expect(`${await bash(node.path, 'zstd -dcq archive | tar -t | wc -l')}`).toBe('100100\n');
    await node.workspace.remove(TASK);
    expect(await readdir(join(node.home, 'workspace'))).toEqual([]);
  });

  it('ends what makes it when its reader leaves', async () => {
    await using node = await open();
    const path = await node.workspace.ensure(TASK);
    await bash(join(path, 'output'), 'head -c 20000000 /dev/urandom > random');
    for await (const chunk of node.pack()) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await node.host.quiet();
  });
});

describe('a connection that breaks', { timeout: TIMEOUT_MS }, () => {
  it('in the middle of an archive is no end of it: whoever waits for the node then gets the whole', async () => {
    await using node = await open();
    const path = await node.workspace.ensure(TASK);
    await node.log('a line');
    await bash(join(path, 'output'), 'head -c 20000000 /dev/urandom > random');
    const archive = node.pack();
    await archive[Symbol.asyncIterator]().next();
    node.host.cut();
    const error = await gather(archive).catch(cause => cause);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.message).toBe('the connection to ada@10.0.0.7 broke');
    await expect(gather(node.pack())).rejects.toThrow(UnreachableError);
    node.host.mend();
    await error.reachable();
    expect((await filesOf(node.pack())).random).toBeDefined();
  });

  it('holds up what is made, listed and removed, and nothing else becomes of it', async () => {
    await using node = await open();
    node.host.cut();
    const path = node.workspace.ensure(TASK);
    node.host.mend();
    expect(await path).toBe(join(node.home, 'workspace', TASK));
    node.host.cut();
    const list = node.workspace.list();
    node.host.mend();
    expect(await list).toEqual([TASK]);
    node.host.cut();
    const removed = node.workspace.remove(TASK);
    node.host.mend();
    await removed;
    expect(await node.workspace.list()).toEqual([]);
  });

  it('leaves the logs readable', async () => {
    await using node = await open();
    await node.workspace.ensure(TASK);
    node.host.cut();
    await node.log('written meanwhile');
    const logs = await readLog(node.workspace.readLogs(TASK, { tailLines: 9, follow: null }, never));
    expect(`${logs}`).toBe('==> unit-step-1.log <==\nwritten meanwhile\n');
  });
});

describe('a node that is gone', { timeout: TIMEOUT_MS }, () => {
  it('leaves the logs of its tasks as their archive, with a word on the rest', async () => {
    await using node = await open();
    const path = await node.workspace.ensure(TASK);
    await writeFile(join(path, 'output/report.txt'), 'lost with it');
    await node.log('last words');
    node.host.goAway();
    expect(await filesOf(node.pack())).toEqual({
      'unit-step-1.log': 'last words\n',
      'alfred-left-out.txt': "Only the logs are left of this task's output: ada@10.0.0.7 is gone\n",
    });
  });

  it('is nothing to wait for: what is here is listed and removed, also when it goes while that waits', async () => {
    await using node = await open();
    await node.workspace.ensure(TASK);
    await node.workspace.ensure('build-red-fox-lint' as TaskFullName);
    node.host.cut();
    const removed = node.workspace.remove(TASK);
    node.host.goAway();
    await removed;
    expect(await node.workspace.list()).toEqual(['build-red-fox-lint']);
    await expect(node.workspace.ensure(TASK)).rejects.toThrow('is gone');
  });
});

// Two users are needed to see what one may not do: skipped by name where the specs do not run as root.
describe.skipIf(process.getuid?.() !== 0)('a login that is not root', { timeout: TIMEOUT_MS }, () => {
  /** As a container does, whose root is the host's. */
  const leaveFiles = async (path: string): Promise<void> => {
    await mkdir(join(path, 'output/deep'));
    await writeFile(join(path, 'output/deep/file'), 'readable');
    await writeFile(join(path, 'output/key'), 'private', { mode: 0o600 });
    await mkdir(join(path, 'output/cellar'), { mode: 0o700 });
    await writeFile(join(path, 'output/cellar/cask'), 'unseen');
  };

  it('packs what it may read, and names what it may not', async () => {
    await using node = await open({ user: NOBODY });
    const path = await node.workspace.ensure(TASK);
    await leaveFiles(path);
    expect(await filesOf(node.pack())).toEqual({
      'alfred-left-out.txt': 'Alfred may not read these files, so they are not in this archive:\ncellar\nkey\n',
      'deep/': '',
      'deep/file': 'readable',
    });
  });

  it('becomes root to pack and to remove where it may do so unasked', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'alfred-sudo-'));
    await using node = await open({ user: NOBODY, path: `${folder.path}:${process.env.PATH}` });
    await chmod(folder.path, 0o755);
    const asked = join(folder.path, 'asked');
    await writeFile(asked, '', { mode: 0o666 });
    await chmod(asked, 0o666);
    await writeFile(join(folder.path, 'sudo'), `#!/bin/sh\necho "$2" >> ${asked}\nshift\nexec "$@"\n`, { mode: 0o755 });
    const path = await node.workspace.ensure(TASK);
    await writeFile(join(path, 'output/file'), 'packed');
    expect(await filesOf(node.pack())).toMatchObject({ file: 'packed' });
    await node.workspace.remove(TASK);
    expect(await readFile(asked, 'utf8')).toBe('true\nsh\ntrue\nsh\n');
  });

  it('removes its own folders also when they are closed', async () => {
    await using node = await open({ user: NOBODY });
    const path = await node.workspace.ensure(TASK);
    await bash(join(path, 'output'), 'mkdir -p a/b/c && chown -R nobody a && chmod 0 a/b/c a/b a');
    await node.workspace.remove(TASK);
    expect(await node.workspace.list()).toEqual([]);
  });

  it('has what containers left given to it, level by level, and removes it', async () => {
    const rounds: (readonly string[])[] = [];
    const takeOver: TakeOverOnNode = async (_path, owner, look) => {
      for (let found = await look(); found.length > 0; found = await look()) {
        rounds.push(found);
        for (const folder of found) await chown(folder, owner.uid, owner.gid);
      }
    };
    await using closed = await open({ user: NOBODY });
    await leaveFiles(await closed.workspace.ensure(TASK));
    await expect(closed.workspace.remove(TASK)).rejects.toThrow(/ada@10\.0\.0\.7: rm: .*Permission denied/);

    await using node = await open({ user: NOBODY, takeOver });
    const path = await node.workspace.ensure(TASK);
    await leaveFiles(path);
    await mkdir(join(path, 'output/cellar/vault'), { mode: 0o700 });
    await node.workspace.remove(TASK);
    expect(await readdir(join(node.home, 'workspace'))).toEqual([]);
    expect(rounds.map(folders => folders.map(folder => folder.replace(`${path}/output/`, '')).toSorted())).toEqual([
      ['cellar', 'deep'],
      ['cellar/vault'],
    ]);
  });
});
