/** The jobfiles of `hack/`: what a newcomer reads first must be right, and the two dialects must say the same. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { renderProblems } from '../../src/jobfile/problem.ts';
import { readJobfile } from '../../src/jobfile/read.ts';

const HACK = join(import.meta.dirname, '../../hack');

async function read(name: string, args: readonly string[] = [], params: Readonly<Record<string, string>> = {}) {
  const env = { PATH: process.env.PATH, USER: 'ada' };
  const reading = await readJobfile({ path: join(HACK, name), args, params, env, signal: new AbortController().signal });
  if (!reading.ok) throw new Error(renderProblems(reading.problems));
  return reading.jobfile;
}

it.each(['job.yaml', 'job-go.yaml'])('%s: a task for each suite that is there', async name => {
  const { tasks, services, steps } = await read(name);
  expect(tasks).toEqual([
    { name: 'orders-1', slots: 2 },
    { name: 'users-1', slots: 1 },
  ]);
  expect(services.map(({ name, health }) => [name, health?.cmd])).toEqual([
    ['database', 'pg_isready'],
    ['cache', 'redis-cli'],
  ]);
  expect(steps[1]?.options).toEqual(['--build-arg', 'RELEASE=2.4.0']);
});

it.each(['job.yaml', 'job-go.yaml'])('%s: the suites and the shards that were asked for', async name => {
  const { about, tasks, env } = await read(name, ['users'], { shards: '2', verbose: 'yes' });
  expect(about).toBe('Suites of ada: users');
  expect(tasks.map(task => task.name)).toEqual(['users-1', 'users-2']);
  expect(env.at(-1)).toEqual({ key: 'VERBOSE', value: 'yes' });
});

it.each(['job.yaml', 'job-go.yaml'])('%s: says in its own words that it was asked for too much', async name => {
  await expect(read(name, [], { shards: '9' })).rejects.toThrow(/^8 shards are the most that the database takes$/);
});
