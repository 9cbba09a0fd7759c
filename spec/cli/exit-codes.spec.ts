import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobExitCode } from '../../src/cli/exit-codes.ts';
import type { TaskStatus } from '../../src/domain/status.ts';
import { aborted, completed, failed, finished, queued, running, skipped, timedOut, warned } from './support/jobs.ts';

describe('the exit code of a job', () => {
  it.each<[string, readonly TaskStatus[], number]>([
    ['0 when all tasks completed', [completed('a'), completed('b')], 0],
    ['42 when the worst was a warning', [completed('a'), warned('b'), skipped('c')], 42],
    ['43 when the worst was a skipped task', [completed('a'), skipped('b')], 43],
    ['43 when all were skipped', [skipped('a'), skipped('b')], 43],
    ['1 when a task failed', [warned('a'), failed('b'), skipped('c')], 1],
    ['1 when a task failed with another code', [failed('a', { exitCode: 137 })], 1],
    ['1 when Alfred could not run a task', [failed('a', { exitCode: -1 })], 1],
    ['1 when a task timed out', [completed('a'), timedOut('b')], 1],
    ['1 when a task was aborted', [completed('a'), aborted('b')], 1],
    ['0 as long as nothing went wrong', [completed('a'), running('b'), queued('c')], 0],
    ['1 as soon as something went wrong', [failed('a'), running('b'), queued('c')], 1],
  ])('is %s', (_title, tasks, code) => expect(jobExitCode(finished(tasks))).toBe(code));

  it('is that of its worst task: 1 over 42 over 43 over 0, in any order', () => {
    const ranking = [0, 43, 42, 1];
    const task = fc.constantFrom(completed('t'), skipped('t'), warned('t'), failed('t'), timedOut('t'), aborted('t'));
    fc.assert(
      fc.property(fc.array(task, { minLength: 1 }), tasks => {
        const worst = Math.max(...tasks.map(one => ranking.indexOf(jobExitCode(finished([one])))));
        expect(jobExitCode(finished(tasks))).toBe(ranking[worst]);
      }),
    );
  });
});
