/** The tables of the journal's database, and how those of an older version become those of this one. */
import { type Database, unreadable } from './database.ts';

/**
 * The step at index `n` makes schema `n + 1` of schema `n`. Steps are never changed once they were released: databases out
 * there have taken them.
 */
const STEPS: readonly string[] = [
  `
  -- What was decided, in order and without gaps: one row a fact. Rows before the older snapshot are gone.
  CREATE TABLE fact (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;

  -- The state that all facts up to and with seq fold to: JSON, zstd-compressed.
  CREATE TABLE snapshot (
    seq INTEGER PRIMARY KEY,
    body BLOB NOT NULL
  ) STRICT;

  -- Every job there ever was. When it is forgotten its name stays, so that no other gets it; its submission goes as soon as
  -- no fact needs it any more.
  CREATE TABLE job (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    scheduled_at INTEGER NOT NULL,
    completed_at INTEGER,
    completed_seq INTEGER,
    version INTEGER NOT NULL,
    submission TEXT,
    forgotten INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX job_finished ON job (completed_seq) WHERE completed_seq IS NOT NULL AND forgotten = 0;
  CREATE INDEX job_to_clear ON job (completed_seq) WHERE forgotten = 1 AND submission IS NOT NULL;

  -- How tasks ended: those of a job from index first up to, not including, after.
  CREATE TABLE ending (
    job INTEGER NOT NULL,
    first INTEGER NOT NULL,
    after INTEGER NOT NULL,
    state TEXT NOT NULL,
    exit_code INTEGER,
    started_at INTEGER,
    ended_at INTEGER NOT NULL,
    reason TEXT,
    PRIMARY KEY (job, first)
  ) STRICT, WITHOUT ROWID;
  `,
];

/** Brings the database to this version's schema. Throws, and changes nothing, where it is a newer one's. */
export const migrate = (database: Database): void => {
  const version = database.attempt(
    () => database.query<{ user_version: number }>('PRAGMA user_version').get()?.user_version ?? 0,
  );
  if (version > STEPS.length) {
    throw unreadable(database.path, `it has schema ${version}, and this version knows ${STEPS.length}`);
  }
  for (const [done, step] of [...STEPS.entries()].slice(version)) {
    database.transaction(() => database.sqlite.exec(`${step}; PRAGMA user_version = ${done + 1}`));
  }
};
