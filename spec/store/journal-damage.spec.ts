import { readFile, truncate, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evolve } from '../../src/scheduler/evolve.ts';
import { initialState } from '../../src/scheduler/state.ts';
import { UnreadableJournalError } from '../../src/store/database.ts';
import { exits, narrow, provisioned, starts, submits } from '../support/builders.ts';
import { play } from '../support/play.ts';
import { openFolder, plain } from './open-folder.ts';

const story = play(
  starts(),
  submits('build-red-fox', narrow(5)),
  provisioned('node-1'),
  exits('build-red-fox', 0, 0),
  exits('build-red-fox', 1, 42),
  submits('lint-blue-owl', narrow(2)),
);

/** A folder with a journal that was closed in good order. */
const openWritten = async (factsPerSnapshot = 20_000) => {
  const folder = await openFolder('memory');
  using journal = folder.open({ factsPerSnapshot });
  journal.load();
  let state = initialState;
  for (const fact of story.facts) {
    state = evolve(state, fact);
    journal.append([fact], state);
  }
  return folder;
};

describe('a damaged journal', { timeout: 60_000 }, () => {
  const damages: readonly (readonly [string, (path: string) => Promise<void> | void])[] = [
    ['is something else', path => writeFile(path, 'this was a database once\n'.repeat(1_000))],
    ['has lost its end', path => truncate(path, 8_192)],
    ['has lost a fact', sql('DELETE FROM fact WHERE seq = 4')],
    ['has a fact that is no JSON', sql('UPDATE fact SET body = substr(body, 3) WHERE seq = 4')],
    ['has a fact that does not fit', sql("UPDATE fact SET type = 'taskStarted' WHERE type = 'taskEnded'")],
    ['has a fact of an unknown type', sql("UPDATE fact SET type = 'taskTeleported' WHERE seq = 4")],
    ['has a fact of a later version', sql('UPDATE fact SET version = 2 WHERE seq = 4')],
    ['has lost what a job was submitted with', sql('UPDATE job SET submission = NULL')],
    ['has the schema of a later version', sql('PRAGMA user_version = 99')],
  ];

  it.each(damages)('that %s stops the start with what to do, and is left as it is', async (_, damage) => {
    await using folder = await openWritten();
    await damage(folder.file('journal.db'));
    const before = await folder.hash();
    const start = () => {
      using journal = folder.open();
      journal.load();
    };
    expect(start).toThrow(UnreadableJournalError);
    expect(start).toThrow(
      new RegExp(
        `^the journal ${folder.file('journal.db')} can't be read: .*[.] Nothing was changed[.] If a newer Alfred wrote it.*move it away`,
      ),
    );
    expect(await folder.hash()).toBe(before);
  });

  it('is never taken for a whole one, whatever page of it is overwritten', async () => {
    await using folder = await openWritten();
    const path = folder.file('journal.db');
    const whole = await readFile(path);
    const PAGE = 4_096;
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: whole.length / PAGE - 1 }),
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        async (page, garbage) => {
          const bytes = Buffer.from(whole);
          for (let at = 0; at < PAGE; at += 1) bytes[page * PAGE + at] = garbage[at % garbage.length] ?? 0;
          await writeFile(path, bytes);
          try {
            using journal = folder.open();
            // What the page held is not needed for the state, or it would not be the same.
            expect(plain(journal.load())).toEqual(plain(story.state));
          } catch (error) {
            expect(error).toBeInstanceOf(UnreadableJournalError);
          }
        },
      ),
    );
  });

  it('goes by the older snapshot where the newer is damaged, and says so', async () => {
    await using folder = await openWritten(3);
    sql('UPDATE snapshot SET body = zeroblob(100) WHERE seq = (SELECT max(seq) FROM snapshot)')(folder.file('journal.db'));
    using journal = folder.open();
    expect(plain(journal.load())).toEqual(plain(story.state));
    expect(folder.said).toEqual(['a snapshot in the journal is damaged: the one before it is used']);
  });

  it('whose snapshots are all damaged does not begin anew', async () => {
    await using folder = await openWritten(3);
    sql('UPDATE snapshot SET body = zeroblob(100)')(folder.file('journal.db'));
    using journal = folder.open();
    expect(() => journal.load()).toThrow('fact 1 is missing');
  });

  it('with a damaged instance id stops the start with what to do', async () => {
    await using folder = await openWritten();
    await writeFile(folder.file('instance'), '');
    expect(() => folder.open()).toThrow(`${folder.file('instance')} should hold 16 hexadecimal digits and does not. Restore it`);
  });
});

/** Changes the database as nobody should. */
function sql(statement: string): (path: string) => void {
  return path => {
    const database = new DatabaseSync(path);
    database.exec(statement);
    database.close();
  };
}
