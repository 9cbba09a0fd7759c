import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { quoteCommand } from '../../../src/cli/quote.ts';
import { wrapCommand } from '../../../src/cli/show/wrap-command.ts';

describe('a wrapped command line', () => {
  it('stays on one line where that is wide enough', () =>
    expect(wrapCommand('alfred run job.yaml', 40)).toStrictEqual(['alfred run job.yaml']));

  it('breaks between words only', () => {
    const words = [
      'alfred',
      'run',
      'job.yaml',
      '-p',
      'MESSAGE=two words',
      '-p',
      'BRANCH=main',
      'a-very-long-argument-that-is-wider',
    ];
    expect(`\n${wrapCommand(quoteCommand(words), 30).join('\n')}\n`).toMatchInlineSnapshot(`
      "
      alfred run job.yaml -p \\
        'MESSAGE=two words' -p \\
        BRANCH=main \\
        a-very-long-argument-that-is-wider
      "
    `);
  });

  it.each([20, 30, 60])('is the same command for a shell, at %d columns', width => {
    const words = ['alfred', 'run', "it's here", '"double"', 'back\\slash', '$HOME', '', 'a b  c', '-p', 'X=y'];
    const text = wrapCommand(quoteCommand(words), width).join('\n').replace('alfred', "printf '%s\\0' alfred");
    expect(execFileSync('sh', ['-c', text], { encoding: 'utf8' }).split('\0').slice(0, -1)).toStrictEqual(words);
  });

  it('shows what is no proper command line all the same', () => {
    expect(wrapCommand("alfred 'never closed", 80)).toStrictEqual(["alfred 'never closed"]);
    expect(wrapCommand('', 80)).toStrictEqual(['']);
  });
});
