/** How tasks end on a real engine, and what a step finds there. */
import { expect, it } from 'vitest';
import type { EnvVar } from '../../src/domain/job.ts';
import { dockerTasks } from '../support/docker-tasks.ts';
import { describeOnEngine, leftOnEngine, theEngine } from '../support/engine.ts';
import { busyboxImage, scriptImage } from '../support/images.ts';
import { until } from '../support/until.ts';

const never = new AbortController().signal;

/** A step's container, as soon as it runs. */
const runningStep = async (instance: string): Promise<string> => {
  const filters = { label: [`alfred.server=${instance}`, 'alfred.role=step'], status: ['running'] };
  let id = '';
  await until(async () => {
    id = (await theEngine().docker.listContainers({ filters }))[0]?.Id ?? '';
    return id !== '';
  });
  return id;
};

/** A log's lines without their timestamps. */
const texts = (log: string | undefined): readonly string[] => (log ?? '').split('\n').map(line => line.replace(/^\S+Z /, ''));

describeOnEngine("a step's surroundings", () => {
  it("are the job's environment, then its secrets, then Alfred's own, each beating those before", async () => {
    await using tasks = await dockerTasks({ secrets: { token: 'se\ncret', other: 'x' } });
    const env: EnvVar[] = [
      { key: 'PLAIN', value: 'a b' },
      { key: 'BOTH', value: 'plain' },
      { key: 'ALFRED_TASK', value: 'forged' },
    ];
    const secrets: EnvVar[] = [
      { key: 'TOKEN', value: 'token' },
      { key: 'BOTH', value: 'other' },
      { key: 'ALFRED_SHARED', value: 'other' },
    ];
    const task = tasks.task({ steps: [await scriptImage('env')], env, secrets });
    await tasks.run(task);
    const lines = texts((await tasks.artifact(task))?.get('unit-step-1.log'));
    for (const line of [
      'PLAIN=a b',
      `TOKEN=${Buffer.from('se\ncret').toString('base64')}`,
      `BOTH=${Buffer.from('x').toString('base64')}`,
      'ALFRED_TASK=unit',
      `ALFRED_TASK_FQN=${task.jobId}-unit`,
      'ALFRED_NB_SLOTS_FOR_TASK=2',
      'ALFRED_SHARED=/alfred/shared',
      'ALFRED_OUTPUT=/alfred/output',
    ])
      expect(lines).toContain(line);
  });

  it('are the same workspace for all steps, for whatever user they run as', async () => {
    await using tasks = await dockerTasks();
    const first = await scriptImage('echo from $(id -u) > /alfred/shared/note; echo made > /alfred/output/made', ['USER 1234']);
    const second = await scriptImage('cat /alfred/shared/note; echo more > /alfred/output/more');
    const task = tasks.task({ steps: [first, second] });
    expect(await tasks.run(task)).toEqual({ type: 'exited', code: 0 });
    const artifact = await tasks.artifact(task);
    expect(texts(artifact?.get('unit-step-2.log'))).toEqual(['from 1234', '']);
    expect(artifact?.get('made')).toBe('made\n');
    expect(artifact?.get('more')).toBe('more\n');
    expect(artifact?.has('unit-alfred.log')).toBe(false);
  });

  it('have an init, so that the main process is not the first and orphans are collected', async () => {
    await using tasks = await dockerTasks();
    const task = tasks.task({ steps: [await scriptImage('cat /proc/1/comm; echo $$')] });
    await tasks.run(task);
    const [first, pid] = texts((await tasks.artifact(task))?.get('unit-step-1.log'));
    expect(first).toMatch(/init|tini/);
    expect(Number(pid)).toBeGreaterThan(1);
  });

  it("are marked as the task's, the anonymous volumes of its image too", async () => {
    await using tasks = await dockerTasks();
    const image = await scriptImage('echo x > /data/x; touch /alfred/shared/up; sleep 60', ['VOLUME /data']);
    const task = tasks.task({ steps: [image] });
    const stop = new AbortController();
    const run = tasks.run(task, stop.signal);
    await tasks.sees(task, 'shared/up');
    // The program is up a moment before the engine calls its container running.
    await runningStep(tasks.instance);
    const left = await leftOnEngine(tasks.instance);
    expect(left.map(line => line.split(' ')[0])).toEqual(['container', 'network', 'volume']);
    expect(left[0]).toContain(`alfred-${task.jobId}-unit-1 running`);
    expect(left[1]).toBe(`network alfred-${task.jobId}-unit`);
    stop.abort();
    await run;
  });
});

describeOnEngine('a task', () => {
  it('that ran out of memory says so, where the engine does', async () => {
    await using tasks = await dockerTasks();
    const eat =
      'touch /alfred/shared/up; until [ -e /alfred/shared/go ]; do usleep 20000; done; head -c 300000000 /dev/zero | tail';
    const task = tasks.task({ steps: [await scriptImage(eat)] });
    const result = tasks.runner.run(task, never);
    await tasks.sees(task, 'shared/up');
    const container = theEngine().docker.getContainer(await runningStep(tasks.instance));
    await container.update({ Memory: 16 << 20, MemorySwap: 16 << 20 });
    await tasks.signal(task, 'go');
    const { type, code, reason } = (await result) as { type: string; code?: number; reason?: string };
    expect({ type, code }).toEqual({ type: 'exited', code: 137 });
    // Engines miss it on hosts where not every cgroup hierarchy is mounted.
    const expected = (await container.inspect()).State.OOMKilled ? 'out of memory' : 'killed by SIGKILL';
    expect(reason).toBe(expected);
    expect(texts(String(await tasks.read(task, 'output/unit-alfred.log')))).toEqual([
      `alfred: step 1 exited with code 137 (${expected})`,
      '',
    ]);
    await tasks.runner.cleanUp(task);
  });

  it('that was killed by a signal says which', async () => {
    await using tasks = await dockerTasks();
    const task = tasks.task({ steps: [await scriptImage('kill -SEGV $$')] });
    expect(await tasks.run(task)).toEqual({ type: 'exited', code: 139, reason: 'killed by SIGSEGV' });
  });

  it('whose program does not exist exits as in a shell', async () => {
    await using tasks = await dockerTasks();
    const task = tasks.task({ steps: [await busyboxImage(['CMD ["/nothing"]'])] });
    expect(await tasks.run(task)).toEqual({ type: 'exited', code: 127 });
    expect((await tasks.artifact(task))?.get('unit-step-1.log')).toContain('/nothing');
  });

  it('that can not start is broken, with the words of the engine, in its log too', async () => {
    await using tasks = await dockerTasks();
    const task = tasks.task({ steps: [await scriptImage('true', ['USER nobody-of-that-name'])] });
    const result = await tasks.run(task);
    expect(result).toEqual({ type: 'broken', reason: expect.stringMatching(/^step 1 could not start: /) });
    expect((await tasks.artifact(task))?.get('unit-alfred.log')).toContain('alfred: step 1 could not start: ');
  });

  it('whose container is removed by hand while it runs is broken', async () => {
    await using tasks = await dockerTasks();
    const task = tasks.task({ steps: [await scriptImage('touch /alfred/shared/up; sleep 60')] });
    const result = tasks.run(task);
    await tasks.sees(task, 'shared/up');
    await theEngine()
      .docker.getContainer(await runningStep(tasks.instance))
      .remove({ force: true });
    expect(await result).toEqual({ type: 'broken', reason: 'step 1: its container was removed while it ran' });
    expect(await tasks.artifact(task)).not.toBeNull();
  });

  it('without one of its secrets is broken before anything is started', async () => {
    await using tasks = await dockerTasks();
    const task = tasks.task({ steps: [await scriptImage('true')], secrets: [{ key: 'TOKEN', value: 'nothing' }] });
    expect(await tasks.run(task)).toEqual({ type: 'broken', reason: expect.stringContaining('no secret nothing') });
    expect(Array.from((await tasks.artifact(task))?.keys() ?? [])).toEqual(['unit-alfred.log']);
  });

  it('keeps its verdict when its artifact can not be made; the logs of both say why', async () => {
    const broken = { write: () => Promise.reject(new Error('no space left on device')) };
    await using tasks = await dockerTasks({ artifacts: broken });
    const task = tasks.task({ steps: [await scriptImage('exit 42')] });
    expect(await tasks.runner.run(task, never)).toEqual({ type: 'exited', code: 42 });
    expect(String(await tasks.read(task, 'output/unit-alfred.log'))).toContain(
      'alfred: the artifact could not be made: no space left on device',
    );
    expect(tasks.serverLog.join()).toContain('no space left on device');
    await tasks.runner.cleanUp(task);
  });

  it('with the longest of names runs like any other', async () => {
    await using tasks = await dockerTasks();
    const name = 'a'.repeat(150);
    const task = tasks.task({ steps: [await scriptImage('exit 43')], tasks: [{ name, slots: 1 }] });
    expect(await tasks.run(task)).toEqual({ type: 'exited', code: 43 });
  });

  it('without a free subnet is broken, and the reason names the range and the flag', async () => {
    await using tasks = await dockerTasks({ networkRange: '10.83.255.240/29' });
    const task = tasks.task({ steps: [await scriptImage('true')] });
    expect(await tasks.run(task)).toEqual({
      type: 'broken',
      reason: expect.stringMatching(/no free \/28 subnet is left in 10\.83\.255\.240\/29.*--network-range/),
    });
  });
});
