import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/base/invariant.ts';
import type { JobId } from '../../src/domain/names.ts';
import { evolve } from '../../src/scheduler/evolve.ts';
import { initialState } from '../../src/scheduler/state.ts';
import { decodeFact, decodeSubmission, type FactRow } from '../../src/store/fact-format.ts';
import { openFolder, plain } from './open-folder.ts';
import { shown } from './shown.ts';

const versions = (await readdir(import.meta.dirname)).flatMap(name => /^journal-v(\d+)\.db$/.exec(name)?.[1] ?? []);

/** A data folder with a journal that an Alfred of long ago left. */
const openOld = async (version: string) => {
  const folder = await openFolder('memory');
  await copyFile(join(import.meta.dirname, `journal-v${version}.db`), folder.file('journal.db'));
  return folder;
};

describe.each(versions)('a journal of version %s', version => {
  it('shows what it showed when it was written', async () => {
    await using folder = await openOld(version);
    using journal = folder.open();
    const written = JSON.parse(await readFile(join(import.meta.dirname, `journal-v${version}.json`), 'utf8'));
    expect(shown(journal.load(), journal.history)).toMatchObject(written);
  });

  it('has facts that still fold from the first on, to the same state', async () => {
    await using folder = await openOld(version);
    using journal = folder.open();
    const restored = journal.load();
    const database = new DatabaseSync(folder.file('journal.db'), { readOnly: true });
    const rows = database.prepare('SELECT * FROM fact ORDER BY seq').all() as unknown as readonly FactRow[];
    const submissionOf = (jobId: JobId) => {
      const row = database.prepare('SELECT version, submission FROM job WHERE id = ?').get(jobId);
      invariant(row, `the fixture knows job ${jobId}`);
      return decodeSubmission(Number(row.version), `${row.submission}`);
    };
    expect(new Set(rows.map(({ type }) => type)).size).toBeGreaterThanOrEqual(21);
    const folded = rows.map(row => decodeFact(row, submissionOf)).reduce(evolve, initialState);
    expect(plain(folded)).toEqual(plain(restored));
    database.close();
  });
});

it('a journal of the first version is there to be read', () => {
  expect(versions).toContain('1');
});
