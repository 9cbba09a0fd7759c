import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../base/log.ts';
import type { State } from '../scheduler/state.ts';
import { openDatabase } from './database.ts';
import { createHistory, type History } from './history.ts';
import { instanceIn } from './instance.ts';
import { createJobRecords } from './job-records.ts';
import { restore } from './restore.ts';

/** Whether a server has ever kept its data in this folder. */
export const isServerData = (folder: string): boolean => existsSync(join(folder, 'journal.db'));

/** A look at what a journal holds now. */
export type Peek = Disposable & {
  readonly instance: string;
  /** Read when it is asked for. */
  state(): State;
  /** For reading only. */
  readonly history: Pick<History, 'isKnown'>;
};

/** Looks into a server's journal, also while the server writes: takes no lock and changes nothing. Throws where it can't be read. */
export const peekJournal = (folder: string, log: Log): Peek => {
  const instance = instanceIn(folder);
  const database = openDatabase(join(folder, 'journal.db'));
  const state = (): State => {
    // One transaction: a snapshot that is taken meanwhile removes facts.
    database.sqlite.exec('BEGIN');
    try {
      return restore(database, createJobRecords(database), log).state;
    } finally {
      database.sqlite.exec('COMMIT');
    }
  };
  return { instance, state, history: createHistory(database), [Symbol.dispose]: database.close };
};
