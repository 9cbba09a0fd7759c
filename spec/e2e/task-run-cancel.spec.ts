/** A task that is told to stop does, whatever it is in the middle of, and leaves nothing. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import type { HealthCheck, JobSpec, ServiceSpec } from '../../src/domain/job.ts';
import { dockerTasks } from '../support/docker-tasks.ts';
import { describeOnEngine, leftOnEngine } from '../support/engine.ts';
import { engineTelling } from '../support/engine-calls.ts';
import { scriptImage } from '../support/images.ts';

const health = (script: string, more: Partial<HealthCheck> = {}): HealthCheck => ({
  cmd: 'sh',
  args: ['-c', script],
  timeoutMs: 5_000,
  intervalMs: 60_000,
  retries: 3,
  ...more,
});

const service = (image: string, more: Partial<ServiceSpec> = {}): ServiceSpec => ({
  name: 'db',
  image,
  env: [],
  command: [],
  tmpfs: [],
  health: null,
  ...more,
});

const texts = (log: string | undefined): readonly string[] => (log ?? '').split('\n').map(line => line.replace(/^\S+Z /, ''));

describeOnEngine('a step that is told to stop', () => {
  it('gets SIGTERM, and what it then says is in its log', async () => {
    await using tasks = await dockerTasks();
    const script = 'trap "echo bye; exit 0" TERM; touch /alfred/shared/up; while true; do usleep 20000; done';
    const task = tasks.task({ steps: [await scriptImage(script), await scriptImage('echo never')] });
    const stop = new AbortController();
    const result = tasks.run(task, stop.signal);
    await tasks.sees(task, 'shared/up');
    stop.abort();
    expect(await result).toEqual({ type: 'stopped' });
    const artifact = await tasks.artifact(task);
    expect(texts(artifact?.get('unit-step-1.log'))).toEqual(['bye', '']);
    expect(texts(artifact?.get('unit-alfred.log'))).toEqual(['alfred: stopped', '']);
    expect(artifact?.has('unit-step-2.log')).toBe(false);
  });

  it('gets SIGKILL when it ignores that', async () => {
    await using tasks = await dockerTasks();
    const script = 'trap "echo no" TERM; touch /alfred/shared/up; while true; do usleep 20000; done';
    const task = tasks.task({ steps: [await scriptImage(script)] });
    const stop = new AbortController();
    const result = tasks.run(task, stop.signal);
    await tasks.sees(task, 'shared/up');
    stop.abort();
    expect(await result).toEqual({ type: 'stopped' });
    expect(texts((await tasks.artifact(task))?.get('unit-step-1.log'))).toEqual(['no', '']);
  });
});

describeOnEngine('a task that is told to stop', () => {
  it('does not wait for the next check of a service', async () => {
    const stop = new AbortController();
    // The exit code of the first check is asked for: the next one is a minute away.
    const engine = await engineTelling((_, request) => request.startsWith('GET /exec/') && setImmediate(() => stop.abort()));
    await using tasks = await dockerTasks({ engine });
    const db = service(await scriptImage('sleep 60'), { health: health('false') });
    const task = tasks.task({ steps: [await scriptImage('true')], services: [db] });
    expect(await tasks.run(task, stop.signal)).toEqual({ type: 'stopped' });
    expect(texts((await tasks.artifact(task))?.get('unit-alfred.log'))).toEqual([
      'alfred: stopped before its steps had ended',
      '',
    ]);
  });

  it('does not wait for a check that hangs', async () => {
    const stop = new AbortController();
    const engine = await engineTelling((_, request) => /^POST .exec.*start/.test(request) && setImmediate(() => stop.abort()));
    await using tasks = await dockerTasks({ engine });
    const db = service(await scriptImage('sleep 600'), { health: health('sleep 600', { timeoutMs: 600_000 }) });
    const task = tasks.task({ steps: [await scriptImage('true')], services: [db] });
    expect(await tasks.run(task, stop.signal)).toEqual({ type: 'stopped' });
  });

  it('does not wait for a registry that never answers', async () => {
    await using tasks = await dockerTasks();
    const stop = new AbortController();
    const registry = createServer(() => stop.abort()).listen(0, '127.0.0.1');
    await once(registry, 'listening');
    const { port } = registry.address() as AddressInfo;
    try {
      const db = service(`127.0.0.1:${port}/db:1`);
      const task = tasks.task({ steps: [await scriptImage('true')], services: [db] });
      expect(await tasks.run(task, stop.signal)).toEqual({ type: 'stopped' });
      expect(await tasks.artifact(task)).not.toBeNull();
    } finally {
      registry.closeAllConnections();
      registry.close();
    }
  });

  it('ends with the code of its own when its last step had ended already', async () => {
    const stop = new AbortController();
    let logsRead = 0;
    const engine = await engineTelling((_, request) => {
      if (request.includes('/logs')) logsRead += 1;
      // The first follows; the second comes after the end, for what the first has missed.
      if (logsRead === 2) stop.abort();
    });
    await using tasks = await dockerTasks({ engine });
    const task = tasks.task({ steps: [await scriptImage('exit 42')] });
    expect(await tasks.run(task, stop.signal)).toEqual({ type: 'exited', code: 42 });
    expect(stop.signal.aborted).toBe(true);
  });

  it('stops in the middle of each of its calls to the engine, and leaves nothing', async () => {
    const spec: Pick<JobSpec, 'steps' | 'services'> = {
      steps: [await scriptImage('echo one')],
      services: [service(await scriptImage('sleep 60', ['VOLUME /data']), { health: health('true') })],
    };
    const stopInCall = async (call: number): Promise<boolean> => {
      const stop = new AbortController();
      const engine = await engineTelling(number => number === call && stop.abort());
      await using tasks = await dockerTasks({ engine });
      const task = tasks.task(spec);
      const result = await tasks.runner.run(task, stop.signal);
      const wasStopped = stop.signal.aborted;
      const running = (await leftOnEngine(tasks.instance)).filter(line => /-1 running$/.test(line));
      expect(running, `call ${call}: steps that run on`).toEqual([]);
      await tasks.runner.cleanUp(task);
      expect(result.type === 'stopped' || (result.type === 'exited' && result.code === 0), `call ${call}: ${result.type}`).toBe(
        true,
      );
      expect(await tasks.artifact(task), `call ${call}`).not.toBeNull();
      return wasStopped;
    };
    let call = 1;
    for (;;) {
      const stopped = await Promise.all([0, 1, 2, 3].map(ahead => stopInCall(call + ahead)));
      if (!stopped.every(Boolean)) break;
      call += 4;
    }
    expect(call).toBeGreaterThan(20);
  });
});
