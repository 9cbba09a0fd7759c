/** `RerunJob` over the wire, from one end to the other. */
import { of } from 'rxjs';
import { expect, it } from 'vitest';
import type { JobId } from '../../src/domain/names.ts';
import { refuse } from '../../src/domain/refusal.ts';
import { connectClient } from '../../src/rpc/client.ts';
import { startRpcServer } from '../../src/rpc/server.ts';
import { job } from '../cli/support/jobs.ts';
import { type MemoryService, memoryService } from './memory-service.ts';
import { silentLog } from './silent-log.ts';

const connect = async (changes: Partial<MemoryService> = {}) => {
  const service = memoryService(changes);
  const server = await startRpcServer({ service, listen: '127.0.0.1:0', log: silentLog });
  const client = connectClient({ address: server.address });
  return {
    service,
    client,
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await server.stop(0);
    },
  };
};

const request = {
  onlyFailed: true,
  keepFailedMs: 90_500,
  commandLine: 'alfred rerun --failed nightly',
  startedBy: 'ada@lovelace',
};

it('a job is run again as the client asks, under a name of its own', async () => {
  await using wire = await connect();
  wire.service.jobs.set('nightly-red-fox', of(job([])));
  expect(await wire.client.rerunJob('nightly-red-fox', request)).toBe('nightly-red-fox-again' as JobId);
  expect(wire.service.reruns).toEqual([request]);
});

it.each([
  ['a job that nobody knows', 'nightly-red-fox', 'notFound'],
  ['a name that is none', '../nightly', 'invalid'],
])('%s is refused', async (_, name, reason) => {
  await using wire = await connect();
  await expect(wire.client.rerunJob(name, request)).rejects.toMatchObject({ name: 'ServerRefusedError', reason });
});

it('a refusal for an image that is gone comes with the words that help', async () => {
  const message = 'sha256:abc is gone: run the jobfile again';
  await using wire = await connect({ rerunJob: async () => refuse('imageGone', message) });
  await expect(wire.client.rerunJob('nightly-red-fox', request)).rejects.toMatchObject({ name: 'ServerRefusedError', message });
});

it('nothing is kept for longer than a day', async () => {
  await using wire = await connect();
  wire.service.jobs.set('nightly-red-fox', of(job([])));
  await expect(wire.client.rerunJob('nightly-red-fox', { ...request, keepFailedMs: 25 * 3_600_000 })).rejects.toMatchObject({
    reason: 'invalid',
    message: expect.stringContaining('24h0m0s at most'),
  });
  expect(wire.service.reruns).toEqual([]);
});
