import type { Log } from '../base/log.ts';
import { evolve } from '../scheduler/evolve.ts';
import { initialState, type State } from '../scheduler/state.ts';
import { type Database, unreadable } from './database.ts';
import { decodeFact, type FactRow } from './fact-format.ts';
import type { JobRecords } from './job-records.ts';
import { newestSnapshot, type Restored } from './snapshots.ts';

/** The state that the database holds: the newest snapshot, and the facts since. Throws where anything of that can't be read. */
export const restore = (database: Database, jobs: JobRecords, log: Log): Restored & { readonly factsFolded: number } =>
  database.attempt(() => {
    checkTables(database);
    const start = newestSnapshot(database, jobs.submissionOf, log) ?? { state: initialState, seq: 0 };
    let { state, seq } = start;
    const rows = database.query<FactRow>('SELECT seq, at, type, version, body FROM fact WHERE seq > ? ORDER BY seq');
    for (const row of rows.iterate(seq)) {
      if (row.seq !== seq + 1) throw unreadable(database.path, `fact ${seq + 1} is missing`);
      state = fold(database, jobs, state, row);
      seq = row.seq;
    }
    return { state, seq, factsFolded: seq - start.seq };
  });

const fold = ({ path }: Database, jobs: JobRecords, state: State, row: FactRow): State => {
  try {
    return evolve(state, decodeFact(row, jobs.submissionOf));
  } catch (cause) {
    throw unreadable(path, `fact ${row.seq} (${row.type}): ${(cause as Error).message}`, { cause });
  }
};

/**
 * Of what a restart reads. A check of everything would take as long as there is history; damage there is met, and told, when
 * it is read.
 */
const checkTables = ({ query, path }: Database): void => {
  for (const table of ['fact', 'snapshot']) {
    const verdict = query<{ quick_check: string }>(`PRAGMA quick_check(${table})`).get()?.quick_check;
    if (verdict !== 'ok') throw unreadable(path, `it is damaged (${verdict?.replaceAll('\n', ' ')})`);
  }
};
