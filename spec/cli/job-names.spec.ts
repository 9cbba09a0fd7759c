import { of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { findJob } from '../../src/cli/job-names.ts';
import type { JobId } from '../../src/domain/names.ts';
import { type AlfredClient, ServerRefusedError, ServerUnreachableError } from '../../src/rpc/client-port.ts';
import { fakeClient } from './support/fake-client.ts';
import { job } from './support/jobs.ts';

const named = (name: string) => job([], { name: name as JobId });
const refusal = new ServerRefusedError('there is no such job', 'notFound');

/** A server that lists these jobs, and knows each by its full name only. */
const serverWith = (...names: readonly string[]) =>
  fakeClient({
    watchJob: name => (names.includes(name) ? of(named(name)) : throwError(() => refusal)),
    watchJobs: () => of(names.map(named)),
    listJobs: async () => [],
  });

const find = async (part: string, ...names: readonly string[]): Promise<string> =>
  (await findJob(serverWith(...names), part)).name;

describe('a job', () => {
  it('is found by its full name, even if that is part of another', async () => {
    expect(await find('nightly-red-fox', 'nightly-red-fox', 'x-nightly-red-fox')).toBe('nightly-red-fox');
  });

  it.each(['nightly', 'red', '-fox'])('is found by a part of its name that no other has: %s', async part => {
    expect(await find(part, 'nightly-red-fox', 'release-blue-owl')).toBe('nightly-red-fox');
  });

  it('is not guessed when several have the part: they are named, the newest first', async () => {
    await expect(find('fox', 'a-red-fox', 'b-red-fox')).rejects.toThrow(
      'fox is part of several names: b-red-fox, a-red-fox; write a longer part',
    );
    const many = Array.from({ length: 9 }, (_, index) => `job-${index}-fox`);
    await expect(find('fox', ...many)).rejects.toThrow('job-8-fox, job-7-fox, job-6-fox, job-5-fox, job-4-fox and others; write');
  });

  describe('that only the history knows', () => {
    const past = ['old-red-fox', 'old-blue-owl', 'older-blue-owl'];
    const remembering = (...shown: readonly string[]): AlfredClient => ({
      ...serverWith(...shown, ...past),
      watchJobs: () => of(shown.map(named)),
      listJobs: async ({ namePart = '' }) => past.filter(name => name.includes(namePart)).map(named),
    });

    it('is found by a part of its name, and comes whole', async () => {
      const whole = job([], { name: 'old-red-fox' as JobId, jobfile: 'name: old' });
      const client = {
        ...remembering(),
        watchJob: (name: string) => (name === whole.name ? of(whole) : throwError(() => refusal)),
      };
      expect(await findJob(client, 'red')).toBe(whole);
    });

    it('gives way to one that is listed', async () => {
      expect((await findJob(remembering('new-red-fox'), 'red')).name).toBe('new-red-fox');
    });

    it('is not guessed either', async () => {
      await expect(findJob(remembering(), 'blue')).rejects.toThrow(
        'blue is part of several names: older-blue-owl, old-blue-owl; write a longer part',
      );
    });

    it('is unknown to a server that is too old to look', async () => {
      const listJobs = () => Promise.reject(new ServerRefusedError('unknown method ListJobs', 'unimplemented'));
      await expect(findJob({ ...serverWith('new-red-fox'), listJobs }, 'blue')).rejects.toThrow(refusal);
    });
  });

  it('that is not there is what the server says of it', async () => {
    await expect(find('owl', 'a-red-fox')).rejects.toThrow(refusal);
  });

  it('is found without asking for the list when the full name is given, and not asked for when the server is away', async () => {
    const lost = new ServerUnreachableError('no route');
    const watchJobs = () => {
      throw new Error('nobody should ask for the list');
    };
    expect((await findJob(fakeClient({ watchJob: () => of(named('x')), watchJobs }), 'x')).name).toBe('x');
    await expect(findJob(fakeClient({ watchJob: () => throwError(() => lost), watchJobs }), 'x')).rejects.toThrow(lost);
  });
});
