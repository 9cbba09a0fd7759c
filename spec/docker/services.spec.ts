import { describe, expect, it } from 'vitest';
import { imagesOnEngine } from '../../src/docker/images.ts';
import { taskLabels } from '../../src/docker/names.ts';
import { ensureServices, watchServices } from '../../src/docker/services.ts';
import type { TaskScope } from '../../src/docker/task-scope.ts';
import type { ServiceSpec } from '../../src/domain/job.ts';
import type { JobId, NodeId, TaskFullName } from '../../src/domain/names.ts';
import type { Workspace } from '../../src/engine/ports.ts';
import { jobSpec } from '../support/builders.ts';
import { until } from '../support/until.ts';
import { type Answers, fakeEngine, send } from './fake-engine.ts';

const never = new AbortController().signal;
const DB: ServiceSpec = { name: 'db', image: 'db:1', env: [], command: [], tmpfs: [], health: null };

const scopeOn = (engine: TaskScope['engine']): TaskScope & { readonly said: readonly string[] } => {
  const run = { jobId: 'j' as JobId, index: 0, nodeId: 'n' as NodeId, spec: { ...jobSpec('j', [1]), services: [DB] } };
  const said: string[] = [];
  const silent = (): void => undefined;
  return {
    run,
    name: 't0',
    fullName: 'j-t0' as TaskFullName,
    slots: 1,
    labels: taskLabels('me', run),
    engine,
    workspace: {} as Workspace,
    images: imagesOnEngine(engine),
    say: text => said.push(text),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    stopGraceMs: 1_000,
    said,
  };
};

/** An engine on which every container that is started ends at once. */
const mortal = (states: Map<string, string>): Answers => ({
  'POST /containers/create': answer => {
    const id = `c${states.size + 1}`;
    states.set(id, 'created');
    send(answer, 201, { Id: id });
  },
  'GET /containers/': (answer, { url }) => {
    const [, , id = '', what] = url.pathname.split('/');
    if (what === 'logs') answer.writeHead(200).end();
    else send(answer, 200, { State: { Status: states.get(id), Running: false, ExitCode: 7, OOMKilled: false } });
  },
  'POST /containers/': (answer, { url }) => {
    const [, , id = '', what] = url.pathname.split('/');
    if (what === 'start') states.set(id, 'exited');
    send(answer, what === 'start' ? 204 : 200, { StatusCode: 7 });
  },
  'DELETE /containers/': (answer, { url }) => {
    states.set(url.pathname.split('/')[2] ?? '', 'removed');
    send(answer, 204);
  },
});

const prepared = { service: DB, image: { reference: 'db:1', volumes: [] } };

describe('a service without a check', () => {
  it('that dies at once is made anew, and fails the task after three attempts; none of the containers stays', async () => {
    const states = new Map<string, string>();
    await using fake = await fakeEngine(mortal(states));
    const scope = scopeOn(fake.engine);
    await expect(ensureServices(scope, [prepared], { networkId: 'n', found: [] }, never)).rejects.toThrow(
      'service db exited with code 7 (3 attempts)',
    );
    expect([...states.values()]).toEqual(['removed', 'removed', 'removed']);
    expect(scope.said.filter(text => text.startsWith('service'))).toEqual([
      'service db, attempt 1 of 3: exited with code 7',
      'service db, attempt 2 of 3: exited with code 7',
      'service db, attempt 3 of 3: exited with code 7',
    ]);
  });
});

describe('a service of an earlier run', () => {
  it('that has ended is removed and made anew', async () => {
    const states = new Map([['old', 'exited']]);
    await using fake = await fakeEngine(mortal(states));
    const old = { id: 'old', labels: { 'alfred.service': 'db' }, state: 'ended' } as const;
    const services = ensureServices(scopeOn(fake.engine), [prepared], { networkId: 'n', found: [old] }, never);
    await expect(services).rejects.toThrow('3 attempts');
    expect(states.get('old')).toBe('removed');
  });

  it('is watched, and its end is told', async () => {
    const states = new Map([['old', 'exited']]);
    await using fake = await fakeEngine(mortal(states));
    const scope = scopeOn(fake.engine);
    const stopWatching = watchServices(scope, [{ name: 'db', containerId: 'old' }]);
    await until(async () => scope.said.length === 2);
    expect(scope.said).toEqual(['service db exited with code 7 while the steps were running', 'it printed nothing']);
    await stopWatching();
  });
});
