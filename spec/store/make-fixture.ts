/**
 * `node spec/store/make-fixture.ts`, once for each version of the journal's format: writes `journal-v<N>.db`, and beside it what
 * clients saw when it was written. It is never written again: databases like it are out there, and are read for ever.
 */
import { constants, copyFile, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evolve } from '../../src/scheduler/evolve.ts';
import { openJournal } from '../../src/store/journal.ts';
import {
  cancels,
  ends,
  exits,
  loses,
  provisioned,
  provisioningFails,
  shutsDown,
  starts,
  submits,
  terminated,
  terminationFails,
} from '../support/builders.ts';
import { play, after as seconds } from '../support/play.ts';
import { shown } from './shown.ts';

const flags = starts({
  maxNodes: 3,
  taskStartupDelayMs: 1_000,
  taskTimeoutMs: 600_000,
  provisioningFailureCooldownMs: 10_000,
});

/** Has every type of fact in it, every way to end, and ends with something of everything under way. */
const story = play(
  flags,
  shutsDown,
  seconds(5),
  flags,
  submits('build-red-fox', [1, 1, 1, 1, { name: 'wide', slots: 2 }, 1, 1, 1]),
  provisioningFails('node-1'),
  seconds(10),
  provisioned('node-2'),
  loses('node-2'),
  terminated('node-2'),
  provisioned('node-3'),
  seconds(1),
  exits('build-red-fox', 1, 42),
  ends('build-red-fox', 2, { type: 'broken', reason: 'no such image' }),
  seconds(2),
  exits('build-red-fox', 3, 43),
  cancels('build-red-fox', 7),
  seconds(600),
  ends('build-red-fox', 4, { type: 'stopped' }),
  seconds(2),
  cancels('build-red-fox', 5),
  ends('build-red-fox', 5, { type: 'stopped' }),
  exits('build-red-fox', 6, 0),
  terminationFails('node-3', 1),
  seconds(10),
  terminationFails('node-3', 2),
  seconds(10),
  terminationFails('node-3', 3),
  submits('lint-blue-owl', [1]),
  cancels('lint-blue-owl'),
  submits('deploy-green-elk', [1, 1, 1, 1, { name: 'canary', slots: 2 }]),
  provisioned('node-4'),
  cancels('deploy-green-elk', 0),
  cancels('deploy-green-elk', 3),
  provisioningFails('node-5'),
);

/** Of the database's schema: what the newest step of `schema.ts` makes. */
const VERSION = 1;

const write = async (path: string): Promise<void> => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'alfred-fixture-'));
  const silent = (): void => {};
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  // One snapshot, half-way: so the facts before it are kept too.
  const factsPerSnapshot = Math.ceil(story.facts.length / 2) + 1;
  const journal = openJournal({ folder: folder.path, log, factsPerSnapshot });
  let state = journal.load();
  for (const fact of story.facts) {
    state = evolve(state, fact);
    journal.append([fact], state);
  }
  const seen = shown(state, journal.history);
  journal.close();
  await copyFile(join(folder.path, 'journal.db'), `${path}.db`, constants.COPYFILE_EXCL);
  await writeFile(`${path}.json`, `${JSON.stringify(seen, null, 2)}\n`);
};

await write(join(import.meta.dirname, `journal-v${VERSION}`));
console.log(story.text);
