import { stat } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyStatus, foldTurn, type StatusFold, startingStatus, toStatus } from '../../src/engine/status.ts';
import { initialState } from '../../src/scheduler/state.ts';
import { live, wildWorlds } from '../support/worlds.ts';
import { openFolder, plain } from './open-folder.ts';

/** By name: jobs of the same millisecond have no order of their own. */
const jobsIn = (status: StatusFold) => toStatus(status).jobs.map(job => ({ ...job, tasks: job.tasks.toArray() }));

describe('a journal', { timeout: 60_000 }, () => {
  it('of a folder that is new holds nothing, and is readable by its owner alone', async () => {
    await using folder = await openFolder();
    using journal = folder.open();
    expect(plain(journal.load())).toEqual(plain(initialState));
    expect((await stat(folder.file('journal.db'))).mode & 0o777).toBe(0o600);
    expect((await stat(folder.file('journal.db-wal'))).mode & 0o777).toBe(0o600);
  });

  it('gives back the state that wrote it, with and without snapshots, whenever it is opened again', async () => {
    await fc.assert(
      fc.asyncProperty(
        wildWorlds,
        fc.constantFrom(1, 3, 20, 20_000),
        fc.integer({ min: 1, max: 10 }),
        async (world, factsPerSnapshot, turnsPerLife) => {
          await using folder = await openFolder('memory');
          const { turns } = live(world);
          for (let at = 0; at < turns.length; at += turnsPerLife) {
            using journal = folder.open({ factsPerSnapshot });
            expect(plain(journal.load())).toEqual(plain(turns[at]?.before ?? initialState));
            for (const { facts, after } of turns.slice(at, at + turnsPerLife)) journal.append(facts, after);
          }
          using journal = folder.open({ factsPerSnapshot });
          expect(plain(journal.load())).toEqual(plain(turns.at(-1)?.after ?? initialState));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('shows clients after a restart what they saw before it', async () => {
    await fc.assert(
      fc.asyncProperty(wildWorlds, fc.constantFrom(3, 20_000), fc.nat({ max: 100 }), async (world, factsPerSnapshot, percent) => {
        await using folder = await openFolder('memory');
        const { turns } = live(world);
        const lived = turns.slice(0, Math.ceil((turns.length * percent) / 100));
        const seen = lived.reduce((status, { facts }) => foldTurn(status, facts), emptyStatus);
        {
          using journal = folder.open({ factsPerSnapshot });
          journal.load();
          for (const { facts, after } of lived) journal.append(facts, after);
        }
        using journal = folder.open();
        const status = startingStatus(journal.load(), journal.history);
        expect(jobsIn(status)).toEqual(jobsIn(seen));
        expect(status.finished.toArray()).toEqual(seen.finished.toArray());
      }),
      { numRuns: 25 },
    );
  });

  it('keeps two snapshots and the facts since the older, so that it does not grow with what is over', async () => {
    await using folder = await openFolder();
    const world = fc
      .sample(wildWorlds, { seed: 7, numRuns: 30 })
      .map(live)
      .toSorted((a, b) => b.facts.length - a.facts.length)[0];
    using journal = folder.open({ factsPerSnapshot: 10 });
    journal.load();
    for (const { facts, after } of world?.turns ?? []) journal.append(facts, after);
    const database = new DatabaseSync(folder.file('journal.db'), { readOnly: true });
    const count = (sql: string): number => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
    expect(world?.facts.length).toBeGreaterThan(100);
    expect(count('SELECT count(*) FROM snapshot')).toBe(2);
    expect(count('SELECT min(fact.seq) - min(snapshot.seq) FROM fact, snapshot')).toBe(1);
    expect(count('SELECT count(*) FROM fact')).toBeLessThan(60);
    database.close();
  });

  it('has an instance id that lasts as long as the folder', async () => {
    await using folder = await openFolder();
    await using other = await openFolder();
    const ids = [folder, folder, other].map(({ open }) => {
      using journal = open();
      return journal.instance;
    });
    expect(ids[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });
});
