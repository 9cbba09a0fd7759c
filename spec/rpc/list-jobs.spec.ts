/** `ListJobs` over the wire, from one end to the other. */
import { expect, it } from 'vitest';
import type { JobId } from '../../src/domain/names.ts';
import { ok, refuse } from '../../src/domain/refusal.ts';
import { connectClient } from '../../src/rpc/client.ts';
import { startRpcServer } from '../../src/rpc/server.ts';
import type { AlfredService, JobsQuery } from '../../src/rpc/service.ts';
import { completed, failed, finished } from '../cli/support/jobs.ts';
import { memoryService } from './memory-service.ts';
import { silentLog } from './silent-log.ts';

const connect = async (listJobs: AlfredService['listJobs']) => {
  const server = await startRpcServer({ service: memoryService({ listJobs }), listen: '127.0.0.1:0', log: silentLog });
  const client = connectClient({ address: server.address });
  return {
    client,
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await server.stop(0);
    },
  };
};

it('finished jobs come as the server lists them', async () => {
  const jobs = [
    finished([completed('unit'), failed('lint', { exitCode: 7, reason: 'why not' })]),
    finished([completed('unit')], { name: 'nightly-red-fox' as JobId }),
  ];
  await using wire = await connect(() => ok(jobs));
  expect(await wire.client.listJobs({ limit: 2 })).toEqual(jobs);
});

it('the server is asked for what the client wants, in pages of 100 unless it says so, and of 1,000 at most', async () => {
  const asked: JobsQuery[] = [];
  await using wire = await connect(query => {
    asked.push(query);
    return ok([]);
  });
  await wire.client.listJobs({ limit: 5, before: 'nightly-red-fox', namePart: 'fox' });
  await wire.client.listJobs({ limit: 0 });
  await wire.client.listJobs({ limit: 4_000_000_000 });
  expect(asked).toEqual([
    { limit: 5, before: 'nightly-red-fox', namePart: 'fox' },
    { limit: 100, namePart: '' },
    { limit: 1_000, namePart: '' },
  ]);
});

it('a place to go on from that is none is refused', async () => {
  await using wire = await connect(({ before }) => refuse('unknownJob', `there is no job ${before}`));
  const from = (before: string) => wire.client.listJobs({ limit: 5, before });
  await expect(from('nightly-red-fox')).rejects.toMatchObject({ reason: 'notFound', message: 'there is no job nightly-red-fox' });
  await expect(from('../nightly')).rejects.toMatchObject({ reason: 'invalid' });
});
