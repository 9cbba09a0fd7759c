import { List } from 'immutable';
import { describe, expect, it } from 'vitest';
import type { JobId } from '../../../src/domain/names.ts';
import type { JobStatus } from '../../../src/domain/status.ts';
import { fitting, jobStatusBytes, jobsListBytes } from '../../../src/rpc/codec/broadcast.ts';
import { JobsList } from '../../../src/rpc/generated/alfred.ts';

const job = (name: string, completedAt: number | null = null): JobStatus => ({
  name: name as JobId,
  about: '',
  tasks: List(),
  scheduledAt: 1,
  completedAt,
  jobfile: 'x'.repeat(1_000),
  commandLine: '',
  startedBy: '',
});

describe('what many clients watch', () => {
  it('is encoded once, and a list is put together from its jobs', () => {
    const [a, b] = [job('a-b'), job('c-d')];
    const list = [a, b];

    expect(jobStatusBytes(a)).toBe(jobStatusBytes(a));
    expect(jobsListBytes(list)).toBe(jobsListBytes(list));
    expect(JobsList.decode(jobsListBytes([b, a])).jobs.map(({ name }) => name)).toEqual(['c-d', 'a-b']);
  });

  it('never outgrows a message: the oldest finished jobs are left out, never an unfinished one', () => {
    const jobs = [job('running-1'), job('done-1', 5), job('done-2', 6), job('running-2'), job('done-3', 7)];
    const namesWithin = (bytes: number) => fitting(jobs, bytes).map(({ name }) => name);

    expect(fitting(jobs, 10_000)).toBe(jobs);
    expect(namesWithin(4_200)).toEqual(['running-1', 'done-2', 'running-2', 'done-3']);
    expect(namesWithin(3_200)).toEqual(['running-1', 'running-2', 'done-3']);
    expect(namesWithin(10)).toEqual(['running-1', 'running-2']);
  });
});
