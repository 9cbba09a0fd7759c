import { execFileSync, spawn } from 'node:child_process';
import { copyFile, mkdir, readFile, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JobId } from '../../src/domain/names.ts';
import { JournalError } from '../../src/engine/ports.ts';
import { evolve } from '../../src/scheduler/evolve.ts';
import type { Fact } from '../../src/scheduler/fact.ts';
import { initialState } from '../../src/scheduler/state.ts';
import { FolderInUseError } from '../../src/store/lock.ts';
import { config, narrow, submission } from '../support/builders.ts';
import { live, wildWorlds } from '../support/worlds.ts';
import { openFolder, plain } from './open-folder.ts';

/** Another process that writes into the folder's journal, until it is killed. */
const startWriter = (folder: string) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const exited = new Promise(resolve => child.once('exit', resolve));
  /** Kills it at once; the last number that it had said, if it said one since. */
  const kill = async (): Promise<number | null> => {
    child.kill('SIGKILL');
    await exited;
    let last: number | null = null;
    for (let line = await lines.next(); !line.done; line = await lines.next()) last = Number(line.value);
    return last;
  };
  return {
    pid: child.pid,
    /** The number of the job that it took last. */
    says: async (): Promise<number> => {
      const { done, value } = await lines.next();
      if (done) throw new Error('the writer ended by itself: see its own words above');
      return Number(value);
    },
    kill,
    [Symbol.asyncDispose]: async () => void (await kill()),
  };
};

describe('a server that is killed', { timeout: 60_000 }, () => {
  it('finds every job that it had said it took, and at most the one it was taking', async () => {
    await using folder = await openFolder();
    let jobs = 0;
    for (const lines of [1, 30, 60]) {
      await using writer = startWriter(folder.path);
      for (let line = 0; line < lines; line += 1) jobs = (await writer.says()) + 1;
      jobs = ((await writer.kill()) ?? jobs - 1) + 1;
      using journal = folder.open();
      const state = journal.load();
      expect(state.jobs.size).toBeGreaterThanOrEqual(jobs);
      expect(state.jobs.size).toBeLessThanOrEqual(jobs + 1);
      expect(state.jobCount).toBe(state.jobs.size);
    }
  });

  it('has its folder for itself as long as it lives, and no longer', async () => {
    await using folder = await openFolder();
    await using writer = startWriter(folder.path);
    await writer.says();
    expect(() => folder.open()).toThrow(FolderInUseError);
    expect(() => folder.open()).toThrow(`${folder.path} is in use by another alfred-server (pid ${writer.pid}): stop it first`);
    await writer.kill();
    using journal = folder.open();
    expect(journal.load().jobs.size).toBeGreaterThan(0);
    expect(`${await readFile(folder.file('server.pid'))}`).toBe(`${process.pid}\n`);
    expect(() => folder.open()).toThrow(`pid ${process.pid}`);
  });
});

describe('a machine that loses its power', { timeout: 60_000 }, () => {
  it('finds whole turns, never a part of one, wherever the last write broke off', async () => {
    await fc.assert(
      fc.asyncProperty(wildWorlds, fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), async (world, share, isTorn) => {
        await using folder = await openFolder('memory');
        await using after = await openFolder('memory');
        const { turns } = live(world);
        using journal = folder.open();
        journal.load();
        for (const turn of turns) journal.append(turn.facts, turn.after);
        // The files as they are on the disk at that moment, with the log cut off anywhere, or with garbage from there on.
        await copyFile(folder.file('journal.db'), after.file('journal.db'));
        const log = await readFile(folder.file('journal.db-wal'));
        const kept = Math.floor(log.length * share);
        await writeFile(after.file('journal.db-wal'), log);
        if (isTorn) await writeFile(after.file('journal.db-wal'), log.fill(0xa5, kept));
        else await truncate(after.file('journal.db-wal'), kept);

        using reopened = after.open();
        const found = JSON.stringify(plain(reopened.load()));
        const possible = [initialState, ...turns.map(turn => turn.after)].map(state => JSON.stringify(plain(state)));
        expect(possible.includes(found)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

/** Only root may mount. In CI that is so; elsewhere these are skipped by name. */
const canMount = process.getuid?.() === 0 || process.env.CI !== undefined;

describe.skipIf(!canMount || process.platform !== 'linux')('a disk that is full', { timeout: 60_000 }, () => {
  const scheduled = (job: string, jobfile: string): Fact => ({
    type: 'jobScheduled',
    at: 5,
    jobId: job as JobId,
    submission: { ...submission(job, narrow(1)), jobfile },
  });

  /** A disk of its own, so small that a spec can fill it. */
  const mountDisk = async (path: string): Promise<AsyncDisposable> => {
    await mkdir(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', path]);
    // Lazy: also when a spec has failed and left files open.
    return { [Symbol.asyncDispose]: async () => void execFileSync('umount', ['--lazy', path]) };
  };

  it('refuses what it can not keep, keeps what it has, and takes more when there is space again', async () => {
    await using folder = await openFolder();
    const disk = folder.file('disk');
    await using _mounted = await mountDisk(disk);
    const data = join(disk, 'data');
    const filler = join(disk, 'filler');
    let state = initialState;
    let accepted = 0;
    {
      using journal = folder.open({ folder: data, factsPerSnapshot: 3 });
      state = journal.load();
      const take = (...facts: readonly Fact[]): void => {
        const next = facts.reduce(evolve, state);
        journal.append(facts, next);
        state = next;
      };
      take({ type: 'serverStarted', at: 1, config: config() });
      const { bavail, bsize } = await statfs(disk);
      await writeFile(filler, Buffer.alloc((bavail - 20) * bsize));

      const fill = (): void => {
        for (; ; accepted += 1) take(scheduled(`job-${accepted}`, 'x'.repeat(9_000)));
      };
      expect(fill).toThrow(JournalError);
      expect(fill).toThrow(`the journal ${join(data, 'journal.db')} can't be used now`);
      expect(accepted).toBeGreaterThan(0);
      expect(journal.history.isKnown(`job-${accepted - 1}` as JobId)).toBe(true);
      expect(journal.history.isKnown(`job-${accepted}` as JobId)).toBe(false);

      await rm(filler);
      take(scheduled('after', 'x'.repeat(9_000)), scheduled('all', 'x'.repeat(9_000)));
    }
    using reopened = folder.open({ folder: data });
    expect(plain(reopened.load())).toEqual(plain(state));
    expect(state.jobs.size).toBe(accepted + 2);
  });
});
