/**
 * The journal on SQLite: what the engine decided is on the disk when `append` returns, and `load` folds it to the state that
 * decided it. It folds and keeps; it decides nothing. `server/compose` opens it, one for a process and a folder.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../base/log.ts';
import { type TaskKey, taskKey } from '../domain/names.ts';
import { type Journal, JournalError } from '../engine/ports.ts';
import type { Fact } from '../scheduler/fact.ts';
import { initialState, type State } from '../scheduler/state.ts';
import { type Database, openDatabase } from './database.ts';
import { encodeFact } from './fact-format.ts';
import { createHistory, type History } from './history.ts';
import { instanceIn } from './instance.ts';
import { createJobRecords, type TaskTimes } from './job-records.ts';
import { lockFolder } from './lock.ts';
import { restore } from './restore.ts';
import { migrate } from './schema.ts';
import { createSnapshotWriter, type Restored } from './snapshots.ts';

export type ServerJournal = Journal & {
  /** A random id, the same as long as the folder lives: marks what is this server's on an engine that others use too. */
  readonly instance: string;
  readonly history: History;
};

export type JournalOptions = {
  /** The server's data folder; made when it is not there. */
  readonly folder: string;
  readonly log: Log;
  /**
   * Facts from one snapshot to the next. More: fewer pauses (a snapshot of 10,000 live tasks takes 20 ms), but a longer restart,
   * which folds up to that many (200,000 a second).
   * @default 20_000
   */
  readonly factsPerSnapshot?: number;
};

/**
 * Throws, with what to do, when the folder is another server's, the database is damaged or a newer Alfred's. Nothing is ever
 * replaced or repaired.
 */
export const openJournal = ({ folder, log, factsPerSnapshot = 20_000 }: JournalOptions): ServerJournal => {
  mkdirSync(folder, { recursive: true });
  const lock = lockFolder(folder);
  try {
    const instance = instanceIn(folder);
    const database = openMigrated(join(folder, 'journal.db'));
    const close = (): void => {
      database.close();
      lock[Symbol.dispose]();
    };
    return { ...createJournal(database, log, factsPerSnapshot), instance, history: createHistory(database), close };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
};

const openMigrated = (path: string): Database => {
  const database = openDatabase(path);
  try {
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

const createJournal = (database: Database, log: Log, factsPerSnapshot: number): Pick<Journal, 'load' | 'append'> => {
  const jobs = createJobRecords(database);
  const takeSnapshot = createSnapshotWriter(database);
  const insertFact = database.sqlite.prepare('INSERT INTO fact (seq, at, type, version, body) VALUES (?, ?, ?, ?, ?)');
  /** What the database holds. */
  let latest: Restored = { state: initialState, seq: 0 };
  let factsSinceSnapshot = 0;

  const load = (): State => {
    const { factsFolded, ...restored } = restore(database, jobs, log);
    latest = restored;
    factsSinceSnapshot = factsFolded;
    return latest.state;
  };

  const append = (facts: readonly Fact[], after: State): void => {
    if (facts.length === 0) return;
    const timesOf = taskTimes(facts, latest.state);
    database.transaction(() => {
      let { seq } = latest;
      for (const fact of facts) {
        seq += 1;
        const { at, type, version, body } = encodeFact(fact);
        insertFact.run(seq, at, type, version, body);
        jobs.record(fact, seq, timesOf(fact));
      }
    });
    latest = { state: after, seq: latest.seq + facts.length };
    factsSinceSnapshot += facts.length;
    if (factsSinceSnapshot >= factsPerSnapshot) trySnapshot();
  };

  /** The facts are kept already: without a snapshot the next restart takes longer, nothing else. */
  const trySnapshot = (): void => {
    factsSinceSnapshot = 0;
    try {
      takeSnapshot(latest);
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      log.warn({ err: error, seq: latest.seq }, 'no snapshot of the journal could be taken; the next is due as ever');
    }
  };

  return { load, append };
};

/** When tasks that end had started, and when they failed, if they were kept: in the same turn, or before it. */
const taskTimes = (facts: readonly Fact[], before: State): ((fact: Fact) => TaskTimes) => {
  const inThisTurn = new Map<TaskKey, TaskTimes>();
  const timesOf = (key: TaskKey): TaskTimes => {
    const task = before.tasks.get(key);
    return inThisTurn.get(key) ?? { startedAt: task?.startedAt ?? null, failedAt: task?.kept?.since ?? null };
  };
  for (const fact of facts) {
    if (fact.type !== 'taskStarted' && fact.type !== 'taskKept') continue;
    const key = taskKey(fact.jobId, fact.index);
    const change = fact.type === 'taskStarted' ? { startedAt: fact.at } : { failedAt: fact.at };
    inThisTurn.set(key, { ...timesOf(key), ...change });
  }
  return fact => (fact.type === 'taskEnded' ? timesOf(taskKey(fact.jobId, fact.index)) : NO_TIMES);
};

const NO_TIMES: TaskTimes = { startedAt: null, failedAt: null };
