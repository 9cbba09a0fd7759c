/** SQLite as the journal uses it: how it is opened, what a transaction is, which of its errors mean what. */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { JournalError } from '../engine/ports.ts';

/** The database holds what this version can't read, be it damaged or newer. Nothing was changed; `message` says what to do. */
export class UnreadableJournalError extends Error {
  override readonly name = 'UnreadableJournalError';
}

export const unreadable = (path: string, why: string, options?: ErrorOptions): UnreadableJournalError =>
  new UnreadableJournalError(
    `the journal ${path} can't be read: ${why}. Nothing was changed. If a newer Alfred wrote it, start that one; otherwise ` +
      `restore it from a backup, or move it away, with its -wal and -shm, to start with no jobs and no history`,
    options,
  );

/** How long somebody who looks into the database (a backup, sqlite3) may hold up a write before it fails. */
const BUSY_TIMEOUT_MS = 1_000;

/** The primary codes of https://sqlite.org/rescode.html; the upper bits say more of the same. */
const primaryCode = (error: unknown): number | null =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : null;

const CODES = { busy: 5, readonly: 8, io: 10, corrupt: 11, full: 13, cantOpen: 14, notADatabase: 26 } as const;

/** What may be better later: the disk is full, broken or read-only, or somebody holds the database. */
const PASSING: readonly (number | null)[] = [CODES.busy, CODES.readonly, CODES.io, CODES.full, CODES.cantOpen];
const DAMAGED: readonly (number | null)[] = [CODES.corrupt, CODES.notADatabase];

export const isBusy = (error: unknown): boolean => primaryCode(error) === CODES.busy;

/** An error of SQLite's in the journal's words; any other as it is. */
const translated = (path: string, cause: unknown): unknown => {
  const code = primaryCode(cause);
  const message = (cause as Error).message;
  if (PASSING.includes(code)) return new JournalError(`the journal ${path} can't be used now: ${message}`, { cause });
  return DAMAGED.includes(code) ? unreadable(path, `it is damaged (${message})`, { cause }) : cause;
};

/** A statement that reads. That its rows have this shape the schema knows, and tsc can't. */
export type Query<Row> = {
  all(...parameters: readonly SQLInputValue[]): readonly Row[];
  get(...parameters: readonly SQLInputValue[]): Row | undefined;
  iterate(...parameters: readonly SQLInputValue[]): Iterable<Row>;
};

export type Database = {
  readonly path: string;
  readonly sqlite: DatabaseSync;
  query<Row>(sql: string): Query<Row>;
  /** Reads, in the journal's words when it fails: {@link JournalError} or {@link UnreadableJournalError}. */
  attempt<Value>(work: () => Value): Value;
  /** All that `work` writes, on the disk, or nothing of it. Fails as `attempt` does. */
  transaction(work: () => void): void;
  close(): void;
};

export const openDatabase = (path: string): Database => {
  // It holds what users submit: nobody else's to read. SQLite gives its other files the same mode.
  closeSync(openSync(path, 'a', 0o600));
  const sqlite = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });

  const attempt = <Value>(work: () => Value): Value => {
    try {
      return work();
    } catch (error) {
      throw translated(path, error);
    }
  };

  const transaction = (work: () => void): void =>
    attempt(() => {
      sqlite.exec('BEGIN IMMEDIATE');
      try {
        work();
        sqlite.exec('COMMIT');
      } catch (error) {
        // On some errors SQLite has rolled back by itself.
        if (sqlite.isTransaction) sqlite.exec('ROLLBACK');
        throw error;
      }
    });

  try {
    attempt(() => sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL'));
  } catch (error) {
    sqlite.close();
    throw error;
  }
  const query = <Row>(sql: string): Query<Row> => sqlite.prepare(sql) as unknown as Query<Row>;
  return { path, sqlite, query, attempt, transaction, close: () => sqlite.close() };
};
