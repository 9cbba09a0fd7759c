import { describe, expect, it } from 'vitest';
import { listOrphans, removeOrphan } from '../../src/docker/sweep.ts';
import type { TaskFullName } from '../../src/domain/names.ts';
import { type Answers, fakeEngine, send } from './fake-engine.ts';

const labels = (job: string) => ({ 'alfred.server': 'me', 'alfred.job': job, 'alfred.task': 't' });
const HOUR_MS = 3_600_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

/** An engine with a container, an image, a volume and a network of each of these jobs, made so long ago; it filters as it is asked to. */
const withObjects = (jobs: Readonly<Record<string, number>>): Answers => {
  const made = Object.entries(jobs);
  const whenMine = (url: URL, list: readonly object[]): readonly object[] =>
    url.searchParams.get('filters') === '{"label":["alfred.server=me"]}' ? list : [];
  return {
    'GET /containers/json': (answer, { url }) =>
      send(
        answer,
        200,
        whenMine(
          url,
          made.map(([job, age]) => ({
            Id: `c-${job}`,
            Names: [`/alfred-${job}-t-1`],
            Labels: labels(job),
            Created: (Date.now() - age) / 1_000,
          })),
        ),
      ),
    'GET /images/json': (answer, { url }) =>
      send(
        answer,
        200,
        whenMine(
          url,
          made.map(([job, age]) => ({ Id: `i-${job}`, Labels: labels(job), Created: (Date.now() - age) / 1_000 })),
        ),
      ),
    'GET /volumes': (answer, { url }) =>
      send(answer, 200, {
        Volumes: whenMine(
          url,
          made.map(([job, age]) => ({ Name: `v-${job}`, Labels: labels(job), CreatedAt: ago(age) })),
        ),
      }),
    'GET /networks': (answer, { url }) =>
      send(
        answer,
        200,
        whenMine(
          url,
          made.map(([job, age]) => ({ Id: `n-${job}`, Name: `alfred-${job}-t`, Labels: labels(job), Created: ago(age) })),
        ),
      ),
  };
};

const query = (...live: readonly string[]) => ({
  instance: 'me',
  live: new Set(live.map(job => `${job}-t` as TaskFullName)),
  olderThanMs: HOUR_MS,
});

describe('the orphans of an engine', () => {
  it('are the objects of tasks that are not live, old enough, in the order in which they can go', async () => {
    await using fake = await fakeEngine(withObjects({ old: 2 * HOUR_MS, live: 2 * HOUR_MS, young: HOUR_MS / 2 }));
    const orphans = await listOrphans(fake.engine, query('live'));
    expect(orphans.map(({ type, name, task }) => `${type} ${name} of ${task}`)).toEqual([
      'container alfred-old-t-1 of old-t',
      'image i-old of old-t',
      'volume v-old of old-t',
      'network alfred-old-t of old-t',
    ]);
  });

  it('are never looked for among what others made', async () => {
    await using fake = await fakeEngine(withObjects({ old: 2 * HOUR_MS }));
    expect(await listOrphans(fake.engine, { ...query(), instance: 'another' })).toEqual([]);
  });

  it.each([
    ['container', 'DELETE /containers/x'],
    ['image', 'DELETE /images/x'],
    ['volume', 'DELETE /volumes/x'],
    ['network', 'DELETE /networks/x'],
  ] as const)('go: a %s', async (type, request) => {
    await using fake = await fakeEngine({ 'DELETE /': answer => send(answer, 404, { message: 'gone already' }) });
    await removeOrphan(fake.engine, { type, id: 'x', name: 'x', task: 'x' as TaskFullName, createdAt: 0 });
    expect(fake.asked).toEqual([request]);
  });
});
