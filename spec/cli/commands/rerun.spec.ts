import { NEVER, of, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import type { RerunRequest } from '../../../src/domain/job.ts';
import type { JobId } from '../../../src/domain/names.ts';
import { type AlfredClient, ServerRefusedError } from '../../../src/rpc/client-port.ts';
import { createVirtualTime } from '../../support/virtual-time.ts';
import { alfred } from '../support/alfred.ts';
import { completed, failed, finished } from '../support/jobs.ts';

// The first command loads what commands need, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 20_000 });

const old = finished([failed('unit'), completed('lint')], { scheduledAt: 0, completedAt: 10_000 });
const again = { ...old, name: 'nightly-calm-fox' as JobId, tasks: old.tasks.clear().push(completed('unit')) };

/** A server that has run the old job, and the new one as soon as it is asked for. */
const server = () => {
  const requests: (RerunRequest & { readonly job: string })[] = [];
  const unknown = (name: string) => throwError(() => new ServerRefusedError(`there is no job ${name}`, 'notFound'));
  const client: Partial<AlfredClient> = {
    watchJob: name => [old, again].map(job => (job.name === name ? of(job) : null)).find(Boolean) ?? unknown(name),
    watchJobs: () => of([old]),
    rerunJob: async (job, request) => {
      requests.push({ job, ...request });
      return again.name;
    },
    readLogs: async function* () {},
  };
  return { client, requests };
};

const doors = { clock: createVirtualTime().time.scheduler };

describe('alfred rerun', () => {
  it('runs a job again, found by a part of its name, and exits as the new one ends', async () => {
    const { client, requests } = server();
    const { exitCode, stdout, stderr } = await alfred(['rerun', '--failed', 'brave'], { client, doors });
    expect(requests).toEqual([
      {
        job: 'nightly-brave-otter',
        onlyFailed: true,
        keepFailedMs: 0,
        commandLine: 'alfred rerun --failed brave',
        startedBy: expect.stringContaining('@'),
      },
    ]);
    expect(stderr).toContain('✓ scheduled nightly-calm-fox: what failed of nightly-brave-otter again');
    expect(stderr).toContain("Job 'nightly-calm-fox' completed");
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
  });

  it('prints the name of the new job and leaves, with --async', async () => {
    const { client, requests } = server();
    const watchJob = (name: string) => (name === old.name ? of(old) : NEVER);
    const { exitCode, stdout } = await alfred(['rerun', '--async', old.name], { client: { ...client, watchJob }, doors });
    expect(requests).toMatchObject([{ onlyFailed: false }]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'nightly-calm-fox\n' });
  });

  it('says in one line what the server refused, and exits 3', async () => {
    const rerunJob = () => Promise.reject(new ServerRefusedError('its image is gone: run the jobfile again', 'invalid'));
    const { exitCode, stderr } = await alfred(['rerun', old.name], { client: { ...server().client, rerunJob }, doors });
    expect(exitCode).toBe(3);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('alfred: its image is gone: run the jobfile again');
  });
});
