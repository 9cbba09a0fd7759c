import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../src/base/log.ts';
import { snapshotOf } from '../../src/scheduler/snapshot.ts';
import type { State } from '../../src/scheduler/state.ts';
import { type JournalOptions, openJournal, type ServerJournal } from '../../src/store/journal.ts';

/** Where there is memory to be had for a disk, properties write there: thousands of fsyncs cost nothing then. */
const MEMORY = '/dev/shm';

/** A server's data folder, and what its journals said in the log. */
export const openFolder = async (where: 'disk' | 'memory' = 'disk') => {
  const parent = where === 'memory' && existsSync(MEMORY) ? MEMORY : tmpdir();
  const folder = await mkdtempDisposable(join(parent, 'alfred-data-'));
  const said: string[] = [];
  const say = (_: object, message: string): void => void said.push(message);
  const log: Log = { debug: say, info: say, warn: say, error: say };
  return {
    path: folder.path,
    file: (name: string) => join(folder.path, name),
    said: said as readonly string[],
    open: (options: Partial<JournalOptions> = {}): ServerJournal & Disposable => {
      const journal = openJournal({ folder: folder.path, log, ...options });
      return Object.assign(journal, { [Symbol.dispose]: () => journal.close() });
    },
    /** Of the database, so that a spec can see that it was not touched. */
    hash: async () =>
      createHash('sha256')
        .update(await readFile(join(folder.path, 'journal.db')))
        .digest('hex'),
    [Symbol.asyncDispose]: () => folder.remove(),
  };
};

/** A state in plain words, to compare by: with what its jobs were submitted with. */
export const plain = (state: State) => ({
  ...snapshotOf(state),
  submissions: [...state.jobs.values()]
    .map(({ id, submission }) => ({ id, submission }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
});
