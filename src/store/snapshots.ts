/** States as rows, so that a restart need not fold all facts since the first. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Log } from '../base/log.ts';
import type { Submission } from '../domain/job.ts';
import type { JobId } from '../domain/names.ts';
import { type Snapshot, snapshotOf, stateOf } from '../scheduler/snapshot.ts';
import type { State } from '../scheduler/state.ts';
import { type Database, unreadable } from './database.ts';

/** A state, and the last fact in it. */
export type Restored = { readonly state: State; readonly seq: number };

/** The second is for the day on which the first can't be read. */
const SNAPSHOTS_KEPT = 2;

/** What keeps a state and drops what no restart will read any more: older snapshots, and the facts in the oldest kept. */
export const createSnapshotWriter = ({ sqlite, query, transaction }: Database): ((restored: Restored) => void) => {
  const insert = sqlite.prepare('INSERT INTO snapshot (seq, body) VALUES (?, ?)');
  const selectOldestKept = query<{ seq: number }>('SELECT seq FROM snapshot ORDER BY seq DESC LIMIT 1 OFFSET ?');
  const deleteSnapshots = sqlite.prepare('DELETE FROM snapshot WHERE seq < ?');
  const deleteFacts = sqlite.prepare('DELETE FROM fact WHERE seq <= ?');

  return ({ state, seq }) => {
    const body = encode(snapshotOf(state));
    transaction(() => {
      insert.run(seq, body);
      const oldestKept = selectOldestKept.get(SNAPSHOTS_KEPT - 1)?.seq;
      if (oldestKept === undefined) return;
      deleteSnapshots.run(oldestKept);
      deleteFacts.run(oldestKept);
    });
  };
};

/** The newest that can be read; `null`: there is none. Whether the facts since are all there is for the reader to see. */
export const newestSnapshot = (
  { query, path }: Database,
  submissionOf: (jobId: JobId) => Submission,
  log: Log,
): Restored | null => {
  const rows = query<{ seq: number; body: Uint8Array }>('SELECT seq, body FROM snapshot ORDER BY seq DESC');
  for (const { seq, body } of rows.all()) {
    const snapshot = decode(body);
    if (snapshot instanceof Error) {
      log.error({ err: snapshot, seq }, 'a snapshot in the journal is damaged: the one before it is used');
      continue;
    }
    try {
      return { state: stateOf(snapshot, submissionOf), seq };
    } catch (cause) {
      throw unreadable(path, `snapshot ${seq}: ${(cause as Error).message}`, { cause });
    }
  }
  return null;
};

/** With a checksum: one wrong bit, and it is no snapshot. */
const encode = (snapshot: Snapshot): Uint8Array =>
  zstdCompressSync(JSON.stringify(snapshot), { params: { [constants.ZSTD_c_checksumFlag]: 1 } });

const decode = (body: Uint8Array): Snapshot | Error => {
  try {
    return JSON.parse(zstdDecompressSync(body).toString());
  } catch (error) {
    return error as Error;
  }
};
