/** A service's health checks, on an engine of a few answers, here and behind a real sshd. */
import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import type { Engine } from '../../src/docker/engine.ts';
import { untilHealthy } from '../../src/docker/health.ts';
import { connectRemoteEngine } from '../../src/docker/remote-engine.ts';
import type { HealthCheck } from '../../src/domain/job.ts';
import { startSshNode } from '../support/ssh-node.ts';
import { sshdIsInstalled } from '../support/sshd.ts';
import { until } from '../support/until.ts';
import { type Answer, type Answers, fakeEngine, send } from './fake-engine.ts';

const never = new AbortController().signal;

const checked = (engine: Engine, check: Partial<HealthCheck> = {}) =>
  untilHealthy(engine, 'db', { cmd: 'ready', args: [], retries: 1, intervalMs: 10, timeoutMs: 200, ...check }, never);

/** `start`: what the engine says to each command that is started. `state`: what it says of them when asked. */
const commands = (start: Answer, state: object = { Running: false, ExitCode: 0 }): Answers => ({
  'POST /containers/db/exec': answer => send(answer, 201, { Id: 'check' }),
  'POST /exec/check/start': start,
  'GET /exec/check/json': answer => send(answer, 200, state),
});

const ends: Answer = answer => void answer.writeHead(200).end();

const runsOn: Answer = answer => void answer.writeHead(200).flushHeaders();

it('a check that says nothing in its time has failed', async () => {
  await using fake = await fakeEngine(commands(runsOn, { Running: true, ExitCode: null }));
  expect(await checked(fake.engine)).toMatchObject({ why: 'no answer within 0.2 s' });
});

it('a check that had ended in its time counts as what it was, though the news of it came late', async () => {
  await using fake = await fakeEngine(commands(runsOn, { Running: false, ExitCode: 0 }));
  expect(await checked(fake.engine)).toBe(null);
});

it('the time until a check begins is not its own', async () => {
  await using fake = await fakeEngine(commands(answer => void setTimeout(() => answer.writeHead(200).end(), 400)));
  expect(await checked(fake.engine)).toBe(null);
});

it.skipIf(!sshdIsInstalled())('a check that breaks off with the connection to its node is made again, and is none', async () => {
  const started: ServerResponse[] = [];
  await using fake = await fakeEngine(
    commands((answer, request) => {
      started.push(answer);
      return started.length === 1 ? runsOn(answer, request) : ends(answer, request);
    }),
  );
  await using node = await startSshNode([], { dockerSocket: fake.engine.address });
  const health = checked(await connectRemoteEngine(node.host, never), { timeoutMs: 60_000 });
  await until(async () => started.length === 1);
  await node.sshd.dropSessions();
  expect(await health).toBe(null);
  expect(started).toHaveLength(2);
});
