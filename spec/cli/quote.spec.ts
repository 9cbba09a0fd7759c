import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteCommand } from '../../src/cli/quote.ts';

describe('a quoted command line', () => {
  it.each([
    [['alfred', 'run', 'hack/job.yaml'], 'alfred run hack/job.yaml'],
    [['alfred', 'run', 'my job.yaml', '-p', 'KEY=a b'], "alfred run 'my job.yaml' -p 'KEY=a b'"],
    [['alfred', ''], "alfred ''"],
    [["it's"], `'it'\\''s'`],
    [['$HOME', '`id`', '*'], "'$HOME' '`id`' '*'"],
  ])('of %j is %s', (words, line) => expect(quoteCommand(words)).toBe(line));

  it('is read back by a shell as the same words', () => {
    // Many words in one run: a process for each would take its time.
    const words = ['', "'", "''", '\\', '\n', '\u0001', '-n', 'é', '日本語', '👩‍👩‍👧', ...fc.sample(fc.string(), 200)];
    const read = execFileSync('sh', ['-c', `printf '%s\\0' ${quoteCommand(words)}`], { encoding: 'utf8' });
    expect(read.split('\0').slice(0, -1)).toStrictEqual(words);
  });
});
