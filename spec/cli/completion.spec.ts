import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { concat, NEVER, of, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { COMPLETION_SCRIPTS } from '../../src/cli/completion/scripts.ts';
import type { JobId } from '../../src/domain/names.ts';
import { ServerUnreachableError } from '../../src/rpc/client-port.ts';
import { createVirtualTime } from '../support/virtual-time.ts';
import { alfred, startAlfred } from './support/alfred.ts';
import { finished, job, queued, running } from './support/jobs.ts';

// The first command loads what commands need, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 20_000 });

const jobs = [
  finished([running('unit')], { name: 'nightly-red-fox' as JobId }),
  job([running('build'), queued('bundle'), queued('deploy')], { name: 'release-calm-heron' as JobId }),
];

const complete = async (...words: readonly string[]): Promise<readonly string[]> => {
  const world = { client: { watchJobs: () => concat(of(jobs), NEVER) } };
  const { stdout, stderr, exitCode } = await alfred(['__complete', '--', ...words], world);
  expect([stderr, exitCode]).toStrictEqual(['', 0]);
  return stdout
    .trimEnd()
    .split('\n')
    .map(line => line.split('\t')[0] ?? '');
};

describe('completion', () => {
  it('knows the commands, and not the one that is for itself', async () => {
    const commands = await complete('');
    expect(commands).toEqual(
      expect.arrayContaining(['run', 'watch', 'ps', 'show', 'logs', 'cancel', 'artifact', 'version', 'help']),
    );
    expect(commands).not.toContain('__complete');
    expect(await complete('sh')).toStrictEqual(['show']);
  });

  it('knows the options of a command, and those for every command', async () => {
    expect(await complete('run', '--a')).toStrictEqual(['--async', '--abort-on-failure', '--abort-on-error', '--artifacts']);
    expect(await complete('--re')).toStrictEqual(['--remote']);
    expect(await complete('ps', '--j')).toStrictEqual(['--json']);
  });

  it('says what each of them is for', async () => {
    const { stdout } = await alfred(['__complete', '--', 'wat']);
    expect(stdout).toBe('watch\tfollow a job to its end\n');
  });

  it('asks the server for jobs, and for their tasks', async () => {
    expect(await complete('watch', '')).toStrictEqual(['release-calm-heron', 'nightly-red-fox']);
    expect(await complete('--remote', 'ci', 'show', 'night')).toStrictEqual(['nightly-red-fox']);
    expect(await complete('logs', 'heron', 'b')).toStrictEqual(['build', 'bundle']);
    expect(await complete('artifact', '-o', 'out', 'heron', 'build', '')).toStrictEqual(['bundle', 'deploy']);
  });

  it('asks the server that the command line names', async () => {
    const world = { client: { watchJobs: () => of(jobs) } };
    const { remotes } = await alfred(['__complete', '--', '--remote', 'ci:99', 'watch', ''], world);
    expect(remotes).toMatchObject([{ host: 'ci', port: 99 }]);
  });

  it.each([[['run', '']], [['run', '--junit', '']], [['artifact', '-o', 'ou']], [['check', 'j']]])(
    'leaves files to the shell: %j',
    async words => {
      expect(await complete(...words)).toStrictEqual([':files']);
    },
  );

  it.each([
    [['nonsense', '']],
    [['--remote', '']],
    [['ps', '']],
    [['watch', 'heron', '']],
    [['run', '-p', 'K']],
    [['logs', 'nobody', '']],
    [['logs', 'e', '']],
  ])('has nothing to offer for %j', async words => expect(await complete(...words)).toStrictEqual(['']));

  it('says nothing when the server can not be reached, and starts none', async () => {
    const watchJobs = () => throwError(() => new ServerUnreachableError('no route'));
    const { stdout, stderr, exitCode } = await alfred(['__complete', '--', 'watch', ''], { client: { watchJobs } });
    expect([stdout, stderr, exitCode]).toStrictEqual(['', '', 0]);
    expect((await alfred(['__complete', '--', '--local', 'watch', ''])).remotes).toStrictEqual([]);
  });

  it('does not wait for a server that takes its time', async () => {
    const { time, advance } = createVirtualTime();
    const asked = Promise.withResolvers<void>();
    const watchJobs = () => {
      asked.resolve();
      return NEVER;
    };
    const run = startAlfred(['__complete', '--', 'watch', ''], { client: { watchJobs }, doors: { clock: time.scheduler } });
    await asked.promise;
    await advance(150);
    expect(await run.exitCode).toBe(0);
    expect(run.stdout()).toBe('');
  });
});

describe('the script for a shell', () => {
  it.each(['bash', 'zsh', 'fish'] as const)('is printed by alfred completion %s', async shell => {
    const { stdout } = await alfred(['completion', shell]);
    expect(stdout).toBe(`${COMPLETION_SCRIPTS[shell]}\n`);
  });

  it('of an unknown shell is refused', async () => {
    const { stderr, exitCode } = await alfred(['completion', 'tcsh']);
    expect(stderr).toContain("'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish");
    expect(exitCode).toBe(2);
  });

  it('completes in a real bash', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'alfred-spec-'));
    try {
      // Answers with what it was asked, or with `:files`.
      const program = '#!/bin/sh\nshift 2\n[ "$1" = run ] && echo :files || printf "%s\\tabout it\\n" "asked:$*" second\n';
      await writeFile(join(folder, 'alfred'), program, { mode: 0o755 });
      await writeFile(join(folder, 'a job.yaml'), '');
      const press = (line: string): string =>
        `COMP_LINE=${JSON.stringify(line)}; COMP_POINT=\${#COMP_LINE}; _alfred; printf '[%s]' "\${COMPREPLY[@]}"; echo`;
      const script = [
        COMPLETION_SCRIPTS.bash,
        press('alfred --remote ci:99 wat'),
        press('alfred watch '),
        press('alfred run a'),
      ].join('\n');
      const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script], {
        cwd: folder,
        env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
      });
      expect(stdout).toBe('[asked:--remote ci:99 wat][second]\n[asked:watch ][second]\n[a job.yaml][alfred]\n');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
