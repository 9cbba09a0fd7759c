/** Whatever the bytes, reading ends soon, in a job or in problems that are inside of the file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Problem } from '../../src/jobfile/problem.ts';
import { renderProblems } from '../../src/jobfile/problem.ts';
import { type JobfileFolder, jobfileFolder } from './support/jobfile-folder.ts';

const CORPUS = join(import.meta.dirname, 'corpus/files');
const corpus = readdirSync(CORPUS)
  .filter(name => name.endsWith('.yaml'))
  .map(name => readFileSync(join(CORPUS, name), 'utf8'));

/** CPU time of this process: other processes on a busy machine don't count. */
const MOST_CPU_MS = 1_000;

async function readsSoundly(folder: JobfileFolder, jobfile: string | Uint8Array): Promise<void> {
  const before = process.cpuUsage();
  // Without a PATH, no command of a mutated jobfile is found: they fail, harmlessly.
  const reading = await folder.read(jobfile, { args: ['one', 'two'], params: { k: 'v' }, env: { PATH: '/nowhere' } });
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(MOST_CPU_MS);
  if (reading.ok) return;
  expect(reading.problems.length).toBeGreaterThan(0);
  expect(renderProblems(reading.problems)).not.toBe('');
  const lines = new TextDecoder().decode(typeof jobfile === 'string' ? Buffer.from(jobfile) : jobfile).split('\n');
  for (const problem of reading.problems) expectInside(problem, lines);
}

function expectInside(problem: Problem, lines: readonly string[]): void {
  if (problem.type !== 'mistake') return;
  const line = lines[problem.line - 1]?.replace(/\r$/, '');
  expect(problem.source).toBe(line);
  expect(problem.column).toBeGreaterThanOrEqual(1);
  expect(problem.column).toBeLessThanOrEqual(problem.source.length + 1);
  expect(problem.length).toBeGreaterThanOrEqual(1);
}

/** Pieces that mean something, somewhere. */
const pieces = fc.constantFrom(
  ...[
    '{{',
    '}}',
    '{{#each Args}}',
    '{{/each}}',
    '{{#if',
    '{{ end }}',
    '{{ range .Args }}',
    '{{else}}',
    '{{- ',
    ' -}}',
    '{{~',
    '{{{',
    '{{/*',
  ],
  ...[
    '{{> x}}',
    '{{#*inline "x"}}',
    '{{{{raw}}}}',
    '{{ . | ',
    '$x := ',
    '(',
    ')',
    '"',
    "'",
    '`',
    '\\',
    '../',
    '@index',
    'this',
    'nil',
  ],
  ...[
    '&a ',
    '*a',
    '<<: *a',
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '- ',
    '? ',
    '| ',
    '> ',
    '!!binary ',
    '%YAML 1.2',
    '---',
    '...',
    '#',
    '\t',
    '\r',
    '\n',
  ],
  ...[
    'tasks:',
    'steps:',
    'name: x',
    'version: "1"',
    '__proto__: 1',
    'env: {',
    '1e999',
    '-1',
    '.inf',
    '~',
    '🐢',
    '\u0000',
    '\uFEFF',
    '\u2028',
    '\uD800',
  ],
);

type Mutation = {
  readonly at: number;
  readonly length: number;
  readonly what: 'delete' | 'double' | 'insert' | 'swap';
  readonly piece: string;
};

const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    at: fc.nat(),
    length: fc.integer({ min: 0, max: 60 }),
    what: fc.constantFrom('delete', 'double', 'insert', 'swap'),
    piece: fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 3 })),
  }),
  { minLength: 1, maxLength: 6 },
);

function mutate(text: string, { at, length, what, piece }: Mutation): string {
  const start = text.length === 0 ? 0 : at % text.length;
  const [before, cut, after] = [text.slice(0, start), text.slice(start, start + length), text.slice(start + length)];
  switch (what) {
    case 'delete':
      return before + after;
    case 'double':
      return before + cut + cut + after;
    case 'insert':
      return before + piece + cut + after;
    case 'swap':
      return cut + before + after;
    default:
      return what satisfies never;
  }
}

it('random bytes', async () => {
  await using folder = await jobfileFolder();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), bytes => readsSoundly(folder, bytes)),
    { numRuns: 200 },
  );
});

it('pieces of both template languages and of YAML, in any order', async () => {
  await using folder = await jobfileFolder();
  const jobfiles = fc.array(pieces, { maxLength: 25 }).map(parts => parts.join('').toWellFormed());
  await fc.assert(
    fc.asyncProperty(jobfiles, jobfile => readsSoundly(folder, jobfile)),
    { numRuns: 300 },
  );
});

it('mutated jobfiles', async () => {
  await using folder = await jobfileFolder();
  const jobfiles = fc
    .tuple(fc.constantFrom(...corpus), mutations)
    .map(([text, list]) => list.reduce(mutate, text).toWellFormed());
  await fc.assert(
    fc.asyncProperty(jobfiles, jobfile => readsSoundly(folder, jobfile)),
    { numRuns: 300 },
  );
}, 60_000);
