/**
 * Jobfiles as people write them, in both dialects, each with its rendered form beside it. A line `# ENV=x alfred run FILE args -p
 * key=value` says what it is run with.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { renderProblems } from '../../src/jobfile/problem.ts';
import { readJobfile } from '../../src/jobfile/read.ts';

const FOLDER = join(import.meta.dirname, 'corpus/files');
const jobfiles = readdirSync(FOLDER).filter(name => /^(plain|hbs|go)-.*\.yaml$/.test(name));

/** What the jobfile's own command line says. */
function request(jobfile: string) {
  const [, assignments = '', rest = ''] = /^# ((?:[A-Z]+=\S+ )*)alfred run \S+(.*)$/m.exec(jobfile) ?? [];
  const pair = (text: string) => text.split(/=(.*)/s).slice(0, 2) as [string, string];
  const words = rest.split(' ').filter(word => word !== '');
  const isParam = (index: number): boolean => words[index - 1] === '-p';
  return {
    args: words.filter((word, index) => word !== '-p' && !isParam(index)),
    params: Object.fromEntries(words.filter((_, index) => isParam(index)).map(pair)),
    env: {
      PATH: process.env.PATH,
      ...Object.fromEntries(
        assignments
          .split(' ')
          .filter(text => text.includes('='))
          .map(pair),
      ),
    },
    signal: new AbortController().signal,
  };
}

it('has at least 25 jobfiles', () => expect(jobfiles.length).toBeGreaterThanOrEqual(25));

it.each(jobfiles)('%s', async name => {
  const path = join(FOLDER, name);
  const reading = await readJobfile({ path, ...request(readFileSync(path, 'utf8')) });
  if (!reading.ok) throw new Error(renderProblems(reading.problems));
  await expect(reading.rendered).toMatchFileSnapshot(`corpus/rendered/${name}`);
});
