/** What every workspace does, wherever its files are. Each adapter's spec runs it over itself. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompress } from '../../src/base/zstd.ts';
import type { TaskFullName } from '../../src/domain/names.ts';
import { type LogPiece, type LogPosition, standingAt, withPosition } from '../../src/domain/task-log.ts';
import type { LogWriter, Workspace } from '../../src/engine/ports.ts';
import { readLog } from '../support/log-text.ts';

/** A workspace, and a way to do in it what a container would do. */
export type WorkspaceUnderTest = AsyncDisposable & {
  readonly workspace: Workspace;
  /** Runs a bash script in a folder, by its path; what it printed. */
  readonly shell: (folder: string, script: string, input?: Uint8Array) => Promise<Buffer>;
};

const TASK = 'build-red-fox-unit' as TaskFullName;
/** Shells and archives take their time on a busy machine. */
const TIMEOUT_MS = 60_000;

/** Stands for a very long line, so that a counterexample stays readable. */
const LONG_LINE = '<long>';

const never = new AbortController().signal;

export const gather = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => Buffer.concat(await Array.fromAsync(source));

const readNow = (workspace: Workspace, tailLines: number): Promise<Buffer> =>
  readLog(workspace.readLogs(TASK, { tailLines, follow: null }, never));

const textOf = (pieces: readonly LogPiece[]): string => Buffer.concat(pieces.map(({ data }) => data)).toString();

/** What a reader of these pieces has seen. */
export const positionsOf = (pieces: readonly LogPiece[]): readonly LogPosition[] =>
  pieces.reduce<readonly LogPosition[]>((seen, { position }) => (position === null ? seen : withPosition(seen, position)), []);

/** Writes a log as the docker runner does, and closes it. */
const writeLog = async (workspace: Workspace, fileName: string, ...chunks: readonly (string | Uint8Array)[]): Promise<void> => {
  const log = await workspace.openLog(TASK, fileName);
  for (const chunk of chunks) await log.append(Buffer.from(chunk));
  await log.close();
};

/** Follows the logs; `until` resolves with the text so far as soon as that ends with what was expected. */
const follow = (workspace: Workspace, tailLines = 10, signal = never) => {
  const ended = new AbortController();
  const chunks = workspace.readLogs(TASK, { tailLines, follow: { ended: ended.signal } }, signal)[Symbol.asyncIterator]();
  let text = '';
  const next = async (): Promise<boolean> => {
    const { done, value } = await chunks.next();
    text += done ? '' : Buffer.from(value.data).toString();
    return done !== true;
  };
  return {
    end: () => ended.abort(),
    next,
    until: async (expected: string): Promise<string> => {
      while (!text.endsWith(expected)) if (!(await next())) throw new Error(`ended with ${JSON.stringify(text)}`);
      return text;
    },
    rest: async (): Promise<string> => {
      while (await next());
      return text;
    },
  };
};

export const workspaceContract = (name: string, open: () => Promise<WorkspaceUnderTest>): void => {
  describe(`${name}: a task's folder`, { timeout: TIMEOUT_MS }, () => {
    it('is made once, with two folders that any user may write to', async () => {
      await using test = await open();
      const path = await test.workspace.ensure(TASK);
      await test.shell(path, 'echo kept > output/kept');
      expect(await test.workspace.ensure(TASK)).toBe(path);
      expect(`${await test.shell(path, 'stat -c "%n %a" output shared && cat output/kept')}`).toBe(
        'output 777\nshared 777\nkept\n',
      );
    });

    it('is listed until it is removed, with all that is in it', async () => {
      await using test = await open();
      expect(await test.workspace.list()).toEqual([]);
      const path = await test.workspace.ensure(TASK);
      await test.workspace.ensure('build-red-fox-lint' as TaskFullName);
      await test.shell(path, 'mkdir -p output/deep/er && touch output/deep/er/file && chmod 500 output/deep/er output/deep');
      expect((await test.workspace.list()).toSorted()).toEqual(['build-red-fox-lint', TASK]);
      await test.workspace.remove(TASK);
      expect(await test.workspace.list()).toEqual(['build-red-fox-lint']);
    });

    it('may be removed again when it is gone', async () => {
      await using test = await open();
      await test.workspace.remove(TASK);
    });

    it('is removed without what its links lead to', async () => {
      await using test = await open();
      const other = await test.workspace.ensure('build-red-fox-lint' as TaskFullName);
      await test.shell(other, 'echo mine > output/file');
      const path = await test.workspace.ensure(TASK);
      await test.shell(path, `ln -s ${other}/output output/link && rmdir shared && ln -s ${other} shared`);
      await test.workspace.remove(TASK);
      expect(`${await test.shell(other, 'cat output/file')}`).toBe('mine\n');
    });

    it.each(['..', '.', '', '../else', '/etc', 'a/b', 'a\0b'])('is never outside: %j is refused', async name => {
      await using test = await open();
      const task = name as TaskFullName;
      await expect(test.workspace.ensure(task)).rejects.toThrow('lead out of it');
      await expect(Promise.try(() => test.workspace.remove(task))).rejects.toThrow('lead out of it');
      await expect(test.workspace.openLog(task, 'unit-step-1.log')).rejects.toThrow('lead out of it');
      await expect(Promise.try(() => gather(test.workspace.pack(task, never)))).rejects.toThrow('lead out of it');
      await test.workspace.ensure(TASK);
      await expect(test.workspace.openLog(TASK, name)).rejects.toThrow('lead out of it');
    });
  });

  describe(`${name}: a log`, { timeout: TIMEOUT_MS }, () => {
    it('is new once, and goes on where it ended', async () => {
      await using test = await open();
      await test.workspace.ensure(TASK);
      const first = await test.workspace.openLog(TASK, 'unit-step-1.log');
      expect([first.isNew, first.size]).toEqual([true, 0]);
      await first.append(Buffer.from('four'));
      expect(first.size).toBe(4);
      await first.close();
      const second = await test.workspace.openLog(TASK, 'unit-step-1.log');
      expect([second.isNew, second.size]).toEqual([false, 4]);
      await second.append(Buffer.from(' more\n'));
      await second.close();
      expect(`${await readNow(test.workspace, 5)}`).toBe('==> unit-step-1.log <==\nfour more\n');
    });

    it('keeps the order in which it was written to, also by a writer that does not wait', async () => {
      await using test = await open();
      await test.workspace.ensure(TASK);
      const log = await test.workspace.openLog(TASK, 'unit-step-1.log');
      const lines = Array.from({ length: 200 }, (_, line) => `${line} ${'x'.repeat(line * 7)}\n`);
      await Promise.all(lines.map(line => log.append(Buffer.from(line))));
      await log.close();
      expect(`${await readNow(test.workspace, 1_000)}`).toBe(`==> unit-step-1.log <==\n${lines.join('')}`);
    });
  });

  describe(`${name}: the end of the logs`, { timeout: TIMEOUT_MS }, () => {
    it('is nothing where there are none', async () => {
      await using test = await open();
      expect(await readNow(test.workspace, 10)).toHaveLength(0);
      await test.workspace.ensure(TASK);
      expect(await readNow(test.workspace, 10)).toHaveLength(0);
    });

    it("comes step by step, then Alfred's own; other files are no logs", async () => {
      await using test = await open();
      const path = await test.workspace.ensure(TASK);
      for (const file of ['unit-alfred', 'unit-step-10', 'unit-step-9', 'unit-step-1']) {
        await writeLog(test.workspace, `${file}.log`, `${file} 1\n`, `${file} 2\n`, `${file} 3`);
      }
      await test.shell(path, 'echo no > output/junit.log && mkdir output/unit-step-3.log');
      expect(`\n${await readNow(test.workspace, 2)}`).toBe(`
==> unit-step-1.log <==
unit-step-1 2
unit-step-1 3
==> unit-step-9.log <==
unit-step-9 2
unit-step-9 3
==> unit-step-10.log <==
unit-step-10 2
unit-step-10 3
==> unit-alfred.log <==
unit-alfred 2
unit-alfred 3`);
    });

    it('is byte for byte what tail -v -n N prints', async () => {
      await using test = await open();
      const files = ['unit-step-1.log', 'unit-step-2.log', 'unit-alfred.log'];
      const line = fc.oneof(
        fc.constantFrom('', '\r', '\u001b[31mred\u001b[0m', LONG_LINE),
        fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes).toString('latin1')),
      );
      const content = fc
        .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', ''))
        .map(([lines, end]) => `${lines.join('\n')}${end}`);
      await fc.assert(
        fc.asyncProperty(fc.tuple(content, content, content), fc.integer({ min: 1, max: 15 }), async (contents, tailLines) => {
          await test.workspace.remove(TASK);
          await test.workspace.ensure(TASK);
          await using plain = await scratchFolder(test);
          const written = contents.map(text => Buffer.from(text.replaceAll(LONG_LINE, 'x'.repeat(70_000)), 'latin1'));
          for (const [at, file] of files.entries()) {
            await writeLog(test.workspace, file, written[at] ?? '');
            await plain.shell(`cat > ${file}`, written[at]);
          }
          const expected = await plain.shell(`tail -v -n ${tailLines} ${files.join(' ')}`);
          expect((await readNow(test.workspace, tailLines)).equals(expected)).toBe(true);
        }),
        { numRuns: 25 },
      );
    });
  });

  describe(`${name}: a follower of the logs`, { timeout: TIMEOUT_MS }, () => {
    it('waits for the first log, gets what is written as it is written, and ends with the task', async () => {
      await using test = await open();
      const follower = follow(test.workspace);
      const first = follower.next();
      await test.workspace.ensure(TASK);
      const log = await test.workspace.openLog(TASK, 'unit-step-1.log');
      await first;
      expect(await follower.until('<==\n')).toBe('==> unit-step-1.log <==\n');
      // Each round waits for its line: looking every now and then instead of being told would take minutes.
      for (let round = 0; round < 300; round += 1) {
        await log.append(Buffer.from(`line ${round}\n`));
        await follower.until(`line ${round}\n`);
      }
      await log.append(Buffer.from('last words'));
      await log.close();
      follower.end();
      expect(await follower.rest()).toMatch(/line 299\nlast words$/);
    });

    it('begins with the last lines, and gets a heading whenever the text goes on in another file', async () => {
      await using test = await open();
      await test.workspace.ensure(TASK);
      await writeLog(test.workspace, 'unit-step-1.log', 'one\ntwo\nthree\n');
      const alfred = await test.workspace.openLog(TASK, 'unit-alfred.log');
      const follower = follow(test.workspace, 2);
      await follower.until('==> unit-alfred.log <==\n');
      await alfred.append(Buffer.from('step 2 begins\n'));
      await follower.until('begins\n');
      const step = await test.workspace.openLog(TASK, 'unit-step-2.log');
      await follower.until('==> unit-step-2.log <==\n');
      await step.append(Buffer.from('a\n'));
      await step.append(Buffer.from('b\n'));
      await follower.until('b\n');
      await alfred.append(Buffer.from('done\n'));
      await follower.until('done\n');
      await Promise.all([step.close(), alfred.close()]);
      follower.end();
      expect(`\n${await follower.rest()}`).toBe(`
==> unit-step-1.log <==
two
three

==> unit-alfred.log <==
step 2 begins

==> unit-step-2.log <==
a
b

==> unit-alfred.log <==
done
`);
    });

    it('of a task that has ended already gets all there is, and no waiting', async () => {
      await using test = await open();
      await test.workspace.ensure(TASK);
      await writeLog(test.workspace, 'unit-step-1.log', 'one\ntwo\n');
      const follower = follow(test.workspace, 1);
      follower.end();
      expect(await follower.rest()).toBe('==> unit-step-1.log <==\ntwo\n');
    });

    it('that reads slowly gets the rest, though the folder is removed meanwhile', async () => {
      await using test = await open();
      await test.workspace.ensure(TASK);
      const first = await test.workspace.openLog(TASK, 'unit-step-1.log');
      await first.append(Buffer.from('one\n'));
      const follower = follow(test.workspace);
      await follower.until('one\n');
      const second = await test.workspace.openLog(TASK, 'unit-step-2.log');
      for (const log of [first, second] satisfies LogWriter[]) {
        await log.append(Buffer.from('x'.repeat(1_000_000)));
        await log.append(Buffer.from(' end\n'));
        await log.close();
      }
      // The follower's own look, in its own time, is what opens the file.
      await follower.until('==> unit-step-2.log <==\n');
      await test.workspace.remove(TASK);
      follower.end();
      const text = await follower.rest();
      expect(text.replaceAll(/x+/g, match => `${match.length}x`)).toBe(
        '==> unit-step-1.log <==\none\n1000000x end\n\n==> unit-step-2.log <==\n1000000x end\n',
      );
    });

    it('is let go at once when it is cancelled', async () => {
      await using test = await open();
      await test.workspace.ensure(TASK);
      const cancelled = new AbortController();
      const follower = follow(test.workspace, 10, cancelled.signal);
      // The first piece says that there is nothing so far.
      await follower.next();
      const waiting = follower.next();
      cancelled.abort(new Error('the client left'));
      await expect(waiting).rejects.toThrow('the client left');
    });
  });

  describe(`${name}: a reader that lost its connection`, { timeout: TIMEOUT_MS }, () => {
    const piecesNow = (workspace: Workspace, seen: readonly LogPosition[] = []): Promise<LogPiece[]> =>
      Array.fromAsync(workspace.readLogs(TASK, { tailLines: 100, follow: null, seen }, never));

    it('goes on where it was cut off, wherever that is, with no byte lost or told twice', async () => {
      await using test = await open();
      await test.workspace.ensure(TASK);
      await writeLog(test.workspace, 'unit-step-1.log', 'one\ntwo\nthree\n');
      await writeLog(test.workspace, 'unit-step-2.log', `${'x'.repeat(700_000)}\nend\n`);
      await writeLog(test.workspace, 'unit-step-3.log', '');
      const whole = await piecesNow(test.workspace);
      expect(whole.length).toBeGreaterThan(6);
      for (let cut = 0; cut <= whole.length; cut += 1) {
        const head = whole.slice(0, cut);
        const rest = await piecesNow(test.workspace, positionsOf(head));
        expect(textOf([...head, ...rest]), `after ${cut} pieces`).toBe(textOf(whole));
      }
    });

    it('gets what was written meanwhile, new logs under their heading, and no heading for the one it was in', async () => {
      await using test = await open();
      await test.workspace.ensure(TASK);
      const log = await test.workspace.openLog(TASK, 'unit-step-1.log');
      await log.append(Buffer.from('one\n'));
      const before = await piecesNow(test.workspace);
      await log.append(Buffer.from('two\nthree\nfour\n'));
      await log.close();
      await writeLog(test.workspace, 'unit-step-2.log', 'five\nsix\nseven\n');
      expect(textOf(await piecesNow(test.workspace, positionsOf(before)))).toBe(
        'two\nthree\nfour\n\n==> unit-step-2.log <==\nfive\nsix\nseven\n',
      );
    });

    it('that was told that there is no log yet gets all of it', async () => {
      await using test = await open();
      await test.workspace.ensure(TASK);
      const told: LogPiece[] = [];
      for await (const piece of test.workspace.readLogs(TASK, { tailLines: 2, follow: { ended: never } }, never)) {
        told.push(piece);
        break;
      }
      expect(told).toStrictEqual([standingAt([])]);
      await writeLog(test.workspace, 'unit-step-1.log', 'one\ntwo\nthree\n');
      expect(textOf(await piecesNow(test.workspace, positionsOf(told)))).toBe('==> unit-step-1.log <==\none\ntwo\nthree\n');
    });
  });

  describe(`${name}: the packed output`, { timeout: TIMEOUT_MS }, () => {
    it('unpacks to what it was: contents, modes, times, links and empty folders', async () => {
      await using test = await open();
      const path = await test.workspace.ensure(TASK);
      await writeLog(test.workspace, 'unit-step-1.log', 'hello\n');
      const long = 'n'.repeat(200);
      await test.shell(
        `${path}/output`,
        `mkdir -p empty a/b/c '${long}/${long}'
         head -c 5000000 /dev/urandom > a/random; printf '#!' > a/b/run; chmod 4751 a/b/run; chmod 2700 a/b
         echo long > '${long}/${long}/${long}'; echo ümläut > 'ünï cödé'; touch -d 1969-07-20 a/old; touch -d 2040-01-01 a/new
         ln -s /etc/passwd a/absolute; ln -s nowhere a/dangling; ln -s 'b/${long}' a/long-link; : > a/empty-file; chmod 000 a/empty-file
         touch -d 2001-02-03T04:05:06 empty a/random`,
      );
      const listing = `find . -mindepth 1 ! -name unit-step-1.log ! -type l -printf '%P %y %m %T@\\n' | sed 's/\\.[0-9]*$//' | sort; find . -type l -printf '%P %l\\n' | sort`;
      const sums = 'find . -type f ! -name unit-step-1.log -exec sha256sum {} + | sort';
      const before = await test.shell(`${path}/output`, `${listing}; ${sums}`);
      await using unpacked = await unpack(test, await gather(test.workspace.pack(TASK, never)));
      expect(`${await unpacked.shell(`${listing}; ${sums}`)}`).toBe(`${before}`);
      expect(`${await unpacked.shell('cat unit-step-1.log')}`).toBe('hello\n');
    });

    it('has the logs first, in the order in which they are read', async () => {
      await using test = await open();
      const path = await test.workspace.ensure(TASK);
      for (const file of ['unit-alfred', 'unit-step-10', 'unit-step-2']) await writeLog(test.workspace, `${file}.log`, 'x\n');
      await test.shell(`${path}/output`, 'mkdir aaa && touch aaa/file report.xml');
      await using unpacked = await unpack(test, await gather(test.workspace.pack(TASK, never)));
      expect(`${await unpacked.shell('tar tf ../archive.tar')}`.trim().split('\n')).toEqual([
        'unit-step-2.log',
        'unit-step-10.log',
        'unit-alfred.log',
        'aaa/',
        'aaa/file',
        'report.xml',
      ]);
    });

    it('leaves out pipes and sockets, and waits for none', async () => {
      await using test = await open();
      const path = await test.workspace.ensure(TASK);
      await test.shell(`${path}/output`, 'mkfifo pipe unit-step-1.log && echo kept > kept');
      await using unpacked = await unpack(test, await gather(test.workspace.pack(TASK, never)));
      expect(`${await unpacked.shell('ls')}`).toBe('kept\n');
    });

    it('is an empty archive where the output is empty, and an error where there is no such task', async () => {
      await using test = await open();
      await expect(gather(test.workspace.pack(TASK, never))).rejects.toThrow('there is no folder');
      await test.workspace.ensure(TASK);
      await using unpacked = await unpack(test, await gather(test.workspace.pack(TASK, never)));
      expect(`${await unpacked.shell('tar tf ../archive.tar && ls -A')}`).toBe('');
    });

    it('is given up at once when it is cancelled', async () => {
      await using test = await open();
      const path = await test.workspace.ensure(TASK);
      await test.shell(`${path}/output`, 'truncate -s 100G huge');
      const cancelled = new AbortController();
      const packing = gather(test.workspace.pack(TASK, cancelled.signal));
      cancelled.abort();
      await expect(packing).rejects.toThrow('abort');
    });
  });

  describe(`${name}: a container that plays tricks`, { timeout: TIMEOUT_MS }, () => {
    const secret = 'the host has this';

    /** A folder beside the task's, as `/etc` would be. */
    const plantSecret = async (test: WorkspaceUnderTest): Promise<string> => {
      const host = await test.workspace.ensure('host-red-fox-files' as TaskFullName);
      await test.shell(`${host}/output`, `echo '${secret}' > unit-step-1.log`);
      return `${host}/output`;
    };

    it('gets no file of the host into its logs or its artifact by a link', async () => {
      await using test = await open();
      const host = await plantSecret(test);
      const path = await test.workspace.ensure(TASK);
      await test.shell(`${path}/output`, `ln -s ${host}/unit-step-1.log unit-step-1.log; ln -s ${host} folder`);
      expect(await readNow(test.workspace, 10)).toHaveLength(0);
      await using unpacked = await unpack(test, await gather(test.workspace.pack(TASK, never)));
      expect(`${await unpacked.shell("find . -type l -printf '%P\\n' | sort; find . -type f")}`).toBe(
        'folder\nunit-step-1.log\n',
      );
      await test.shell(path, `rm -r output && ln -s ${host} output`);
      expect(await readNow(test.workspace, 10)).toHaveLength(0);
      await expect(gather(test.workspace.pack(TASK, never))).rejects.toThrow('there is no folder');
      await expect(test.workspace.ensure(TASK)).rejects.toThrow('something else stands in the place');
    });

    it('gets nothing written to a file of the host by a link', async () => {
      await using test = await open();
      const host = await plantSecret(test);
      const path = await test.workspace.ensure(TASK);
      await test.shell(
        `${path}/output`,
        `ln -s ${host}/unit-step-1.log unit-step-1.log; ln -s ${host}/new unit-step-2.log; mkdir unit-step-3.log`,
      );
      for (const step of [1, 2, 3]) await writeOrRefuse(test.workspace, `unit-step-${step}.log`);
      await test.shell(path, `rm -r output && ln -s ${host} output`);
      await writeOrRefuse(test.workspace, 'unit-step-1.log');
      expect(`${await test.shell(host, 'ls && cat *')}`).toBe(`unit-step-1.log\n${secret}\n`);
    });

    it('does not hold up its logs with a pipe that nobody opens', async () => {
      await using test = await open();
      const path = await test.workspace.ensure(TASK);
      await test.shell(`${path}/output`, 'mkfifo unit-step-1.log');
      expect(await readNow(test.workspace, 10)).toHaveLength(0);
      await writeOrRefuse(test.workspace, 'unit-step-1.log');
    });
  });
};

/** Writes a log where it is out of a container's reach; where it is not, its place may be taken. */
const writeOrRefuse = async (workspace: Workspace, fileName: string): Promise<void> => {
  const refusal = await writeLog(workspace, fileName, 'a line\n').then(() => null, String);
  if (refusal === null) expect(`${await readNow(workspace, 1)}`).toContain(`==> ${fileName} <==\na line\n`);
  else expect(refusal).toMatch(/something else stands in its place|there is no folder/);
};

type ScratchFolder = AsyncDisposable & { shell(script: string, input?: Uint8Array): Promise<Buffer> };

/** A folder that has nothing to do with any workspace. */
const scratchFolder = async (test: WorkspaceUnderTest): Promise<ScratchFolder> => {
  const path = `${await test.shell('/', 'mktemp -d /tmp/alfred-scratch-XXXXXX')}`.trim();
  return {
    shell: (script, input) => test.shell(path, script, input),
    [Symbol.asyncDispose]: async () => void (await test.shell('/', `rm -rf ${path}`)),
  };
};

/** What an archive holds, unpacked by the system's tar into a folder of its own. */
const unpack = async (test: WorkspaceUnderTest, archive: Uint8Array): Promise<ScratchFolder> => {
  const base = await scratchFolder(test);
  const tar = await gather(
    decompress(
      (async function* () {
        yield archive;
      })(),
    ),
  );
  await base.shell('mkdir content && cat > archive.tar && tar -C content -xpf archive.tar', tar);
  return { ...base, shell: script => base.shell(`cd content; ${script}`) };
};
