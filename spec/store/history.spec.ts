import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { JobId } from '../../src/domain/names.ts';
import type { JobStatus } from '../../src/domain/status.ts';
import { emptyStatus, foldTurn, type StatusFold, startingStatus, toStatus } from '../../src/engine/status.ts';
import { evolve } from '../../src/scheduler/evolve.ts';
import type { JournalOptions } from '../../src/store/journal.ts';
import { cancels, exits, narrow, provisioned, starts, submits, type Untimed } from '../support/builders.ts';
import { type Beat, play, after as seconds } from '../support/play.ts';
import { openFolder, plain } from './open-folder.ts';

const job = (name: string): JobId => name as JobId;

/** Submits a job of one task and lets it end, on a node that is there. */
const runs = (name: string, code = 0): readonly Untimed[] => [submits(name, narrow(1)), exits(name, 0, code)];

const HOUR_S = 3_600;

/** A folder with a journal of that story. */
const openPlayed = async (...beats: readonly Beat[]) => {
  const folder = await openFolder('memory');
  const { facts, state } = play(starts({ nodeIdleTimeoutMs: 1e12 }), ...beats);
  let journal = folder.open();
  journal.load();
  journal.append(facts, state);
  return {
    folder,
    journal,
    facts,
    state,
    reopen: (options: Partial<JournalOptions>) => {
      journal.close();
      journal = folder.open(options);
      return journal;
    },
    [Symbol.asyncDispose]: async () => {
      journal.close();
      await folder[Symbol.asyncDispose]();
    },
  };
};

describe('the history', { timeout: 60_000 }, () => {
  it('shows how each task of a job ended, and when', async () => {
    await using played = await openPlayed(
      submits('build-red-fox', [1, 1, { name: 'lint', slots: 2 }, 1]),
      seconds(20),
      provisioned('node-1'),
      seconds(5),
      exits('build-red-fox', 0, 42),
      cancels('build-red-fox', 3),
      seconds(1),
      exits('build-red-fox', 1, 0),
    );
    const { tasks, ...rest } = played.journal.history.job(job('build-red-fox')) as JobStatus;
    expect(rest).toEqual({
      name: 'build-red-fox',
      about: 'about build-red-fox',
      scheduledAt: 0,
      completedAt: null,
      jobfile: 'name: build-red-fox',
      commandLine: 'alfred run build-red-fox.yaml',
      startedBy: 'ada',
    });
    expect(tasks.toArray()).toEqual([
      { name: 't0', state: 'failed', exitCode: 42, startedAt: 20_000, endedAt: 25_000, reason: null, keptUntil: null },
      { name: 't1', state: 'completed', exitCode: 0, startedAt: 20_000, endedAt: 26_000, reason: null, keptUntil: null },
      { name: 'lint', state: 'queued', exitCode: null, startedAt: null, endedAt: null, reason: null, keptUntil: null },
      { name: 't3', state: 'aborted', exitCode: null, startedAt: null, endedAt: 25_000, reason: null, keptUntil: null },
    ]);
  });

  it('has finished jobs page by page, the oldest end of a page first', async () => {
    await using played = await openPlayed(
      submits('first-red-fox', narrow(1)),
      provisioned('node-1'),
      ...runs('second-red-fox'),
      ...runs('third-red-fox', 1),
      exits('first-red-fox', 0, 0),
      submits('last-red-fox', narrow(1)),
    );
    const { history } = played.journal;
    const names = (query: Parameters<typeof history.finishedJobs>[0]) => history.finishedJobs(query).map(({ name }) => name);
    expect(names({ limit: 10 })).toEqual(['second-red-fox', 'third-red-fox', 'first-red-fox']);
    expect(names({ limit: 2 })).toEqual(['third-red-fox', 'first-red-fox']);
    expect(names({ limit: 2, before: job('third-red-fox') })).toEqual(['second-red-fox']);
    expect(names({ limit: 2, before: job('second-red-fox') })).toEqual([]);
    expect(names({ limit: 10, namePart: 'ir' })).toEqual(['third-red-fox', 'first-red-fox']);
    expect(names({ limit: 10, namePart: 'ir', before: job('first-red-fox') })).toEqual(['third-red-fox']);
    expect(names({ limit: 10, namePart: '%' })).toEqual([]);
  });

  it('keeps jobs that came in one millisecond in the order in which they came, for a server that starts anew', async () => {
    await using played = await openPlayed(submits('slow-red-fox', narrow(1)), provisioned('node-1'), ...runs('quick-red-fox'));
    const { journal, facts, state } = played;
    const names = (status: StatusFold) => toStatus(status).jobs.map(({ name }) => name);
    expect(names(foldTurn(emptyStatus, facts))).toEqual(['slow-red-fox', 'quick-red-fox']);
    expect(names(startingStatus(state, journal.history))).toEqual(['slow-red-fox', 'quick-red-fox']);
  });

  it('knows every name that a job ever had', async () => {
    await using played = await openPlayed(submits('build-red-fox', narrow(1)));
    expect(played.journal.history.isKnown(job('build-red-fox'))).toBe(true);
    expect(played.journal.history.isKnown(job('build-red-owl'))).toBe(false);
    expect(played.journal.history.job(job('build-red-owl'))).toBeNull();
  });

  it('may be read by others while the server runs', async () => {
    await using played = await openPlayed(submits('build-red-fox', narrow(1)));
    const reader = new DatabaseSync(played.folder.file('journal.db'), { readOnly: true });
    expect(reader.prepare('SELECT id FROM job').all()).toEqual([{ id: 'build-red-fox' }]);
    reader.close();
  });
});

describe('the retention of jobs', { timeout: 60_000 }, () => {
  const NOW_MS = 3 * HOUR_S * 1_000;

  const openAged = () =>
    openPlayed(
      submits('live-red-fox', narrow(1)),
      provisioned('node-1'),
      ...runs('old-red-fox'),
      seconds(2 * HOUR_S),
      ...runs('young-red-fox'),
      seconds(HOUR_S),
    );

  it('forgets what ended too long ago, never what has not ended, and keeps all names', async () => {
    await using played = await openAged();
    const { history } = played.journal;
    expect(await history.forgetOlderThan(2 * HOUR_S * 1_000, NOW_MS)).toBe(1);
    expect(await history.forgetOlderThan(2 * HOUR_S * 1_000, NOW_MS)).toBe(0);
    expect(history.job(job('old-red-fox'))).toBeNull();
    expect(history.finishedJobs({ limit: 10 }).map(({ name }) => name)).toEqual(['young-red-fox']);
    expect(history.job(job('live-red-fox'))?.completedAt).toBeNull();
    expect(history.isKnown(job('old-red-fox'))).toBe(true);
  });

  it('leaves the state of a restart as it was, though its facts still name the job', async () => {
    await using played = await openAged();
    await played.journal.history.forgetOlderThan(0, NOW_MS);
    const reopened = played.reopen({ factsPerSnapshot: 1 });
    expect(plain(reopened.load())).toEqual(plain(played.state));
    // Once two snapshots cover them the facts are gone, and then what they needed goes too.
    let { state } = played;
    for (const at of [1, 2]) {
      const fact = { type: 'serverStarted', at: NOW_MS + at, config: state.config } as const;
      state = evolve(state, fact);
      reopened.append([fact], state);
    }
    await reopened.history.forgetOlderThan(1e12, NOW_MS);
    const reader = new DatabaseSync(played.folder.file('journal.db'), { readOnly: true });
    const kept = reader
      .prepare('SELECT id FROM job WHERE submission IS NOT NULL ORDER BY number')
      .all()
      .map(({ id }) => id);
    expect(kept).toEqual(['live-red-fox']);
    reader.close();
  });

  it('goes on until all are forgotten, however many', async () => {
    const names = Array.from({ length: 250 }, (_, at) => `job-${at}`);
    await using played = await openPlayed(
      submits('first', narrow(1)),
      provisioned('node-1'),
      exits('first', 0, 0),
      ...names.flatMap(name => runs(name)),
      seconds(HOUR_S),
    );
    expect(await played.journal.history.forgetOlderThan(1_000, HOUR_S * 1_000)).toBe(251);
    expect(played.journal.history.finishedJobs({ limit: 10 })).toEqual([]);
  });
});
