import { describe, expect, it } from 'vitest';
import type { RerunRequest, Submission } from '../../src/domain/job.ts';
import type { JobStatus, TaskStatus } from '../../src/domain/status.ts';
import { resubmission } from '../../src/server/rerun.ts';
import { aborted, completed, failed, job, queued, running, skipped, timedOut, warned } from '../cli/support/jobs.ts';

const submissionOf = ({ tasks, jobfile }: JobStatus): Submission => ({
  spec: {
    name: 'nightly',
    about: 'Every test there is',
    steps: ['sha256:abc'],
    env: [],
    secrets: [],
    services: [],
    tasks: [...tasks.map(({ name }) => ({ name, slots: 2 }))],
    keepFailedMs: 900_000,
  },
  jobfile,
  commandLine: 'alfred run nightly.yaml',
  startedBy: 'ada@lovelace',
});

const again = (tasks: readonly TaskStatus[], onlyFailed: boolean) => {
  const old = job(tasks);
  const request: RerunRequest = { onlyFailed, keepFailedMs: 0, commandLine: 'alfred rerun nightly', startedBy: 'bob@work' };
  return resubmission(submissionOf(old), old, request);
};

const taskNames = (result: ReturnType<typeof again>) =>
  result.ok ? result.value.spec.tasks.map(({ name }) => name) : result.refusal.type;

describe('a job that is run again', () => {
  const everyEnding = [
    completed('well'),
    failed('broken'),
    warned('warned'),
    skipped('skipped'),
    timedOut('slow'),
    aborted('cancelled'),
    running('busy'),
    queued('waiting'),
  ];

  it('has all tasks of the old one, by the hand of who asked', () => {
    const result = again(everyEnding, false);
    expect(taskNames(result)).toEqual(everyEnding.map(({ name }) => name));
    expect(result).toMatchObject({ value: { commandLine: 'alfred rerun nightly', startedBy: 'bob@work' } });
  });

  it('has only those that failed, timed out or were aborted, when it is asked for those', () => {
    const result = again(everyEnding, true);
    expect(taskNames(result)).toEqual(['broken', 'slow', 'cancelled']);
    expect(result).toMatchObject({
      value: { spec: { steps: ['sha256:abc'], tasks: [{ slots: 2 }, { slots: 2 }, { slots: 2 }] } },
    });
  });

  it('is refused when none of them did', () => {
    expect(taskNames(again([completed('well'), warned('warned'), running('busy')], true))).toBe('nothingToRun');
  });
});
