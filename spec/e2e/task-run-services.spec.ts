/** A task's services on a real engine: pulled, started, checked, reached by the steps, and told of when they fail. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectEngine } from '../../src/docker/engine.ts';
import type { HealthCheck, ServiceSpec } from '../../src/domain/job.ts';
import type { TaskRun } from '../../src/domain/task.ts';
import { dockerTasks } from '../support/docker-tasks.ts';
import { describeOnEngine, theEngine } from '../support/engine.ts';
import { redisImage, scriptImage } from '../support/images.ts';
import { CREDENTIALS, type Registry, startRegistry } from '../support/registry.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const never = new AbortController().signal;

const service = (name: string, image: string, more: Partial<ServiceSpec> = {}): ServiceSpec => ({
  name,
  image,
  env: [],
  command: [],
  tmpfs: [],
  health: null,
  ...more,
});

const health = (script: string, more: Partial<HealthCheck> = {}): HealthCheck => ({
  cmd: 'sh',
  args: ['-c', script],
  timeoutMs: 5_000,
  intervalMs: 50,
  retries: 3,
  ...more,
});

const texts = (log: string | undefined): readonly string[] => (log ?? '').split('\n').map(line => line.replace(/^\S+Z /, ''));

describeOnEngine('services', () => {
  it('are reached by all steps under their names, with what was put into them', async () => {
    await using tasks = await dockerTasks();
    const redis = service('cache', await redisImage(), {
      health: { cmd: 'redis-cli', args: ['ping'], timeoutMs: 5_000, intervalMs: 500, retries: 20 },
    });
    const commands = (...lines: readonly string[]): string =>
      `(${lines.map(line => `echo ${line}; `).join('')} sleep 0.2) | nc cache 6379 | tr -d "\\r" | tee -a /alfred/shared/answers`;
    const task = tasks.task({
      steps: [
        await scriptImage(commands('set colour blue')),
        await scriptImage(commands('append colour -green', 'get colour')),
        await scriptImage('cat /alfred/shared/answers > /alfred/output/answers'),
      ],
      services: [redis],
    });
    expect(await tasks.run(task)).toEqual({ type: 'exited', code: 0 });
    const artifact = await tasks.artifact(task);
    expect(artifact?.get('answers')).toBe('+OK\n:10\n$10\nblue-green\n');
    expect(artifact?.has('unit-alfred.log')).toBe(false);
  });

  it('have their environment, their command, their tmpfs and an init', async () => {
    await using tasks = await dockerTasks();
    const tell = 'env > /tell/env; mount | grep /fast > /tell/mount; cat /proc/1/comm > /tell/init; httpd -f -p 80 -h /tell';
    const web = service('web', await scriptImage('exit 9'), {
      command: ['sh', '-c', `mkdir /tell; ${tell}`],
      env: [{ key: 'GREETING', value: 'hello you' }],
      tmpfs: ['/fast:size=7m', '/other'],
      health: health('wget -q -O - http://127.0.0.1/init'),
    });
    const step = await scriptImage('for file in env mount init; do wget -q -O /alfred/output/$file http://web/$file; done');
    const task = tasks.task({ steps: [step], services: [web] });
    expect(await tasks.run(task)).toEqual({ type: 'exited', code: 0 });
    const artifact = await tasks.artifact(task);
    expect(artifact?.get('env')).toContain('GREETING=hello you\n');
    expect(artifact?.get('env')).not.toContain('ALFRED_TASK');
    expect(artifact?.get('mount')).toMatch(/on \/fast type tmpfs .*size=7168k/);
    expect(artifact?.get('init')).toMatch(/init|tini/);
  });

  it('may come up at their third check', async () => {
    await using tasks = await dockerTasks();
    const check = health('echo x >> /tries; [ $(wc -l < /tries) -ge 3 ]');
    const slow = service('slow', await scriptImage('sleep 60'), { health: check });
    const task = tasks.task({ steps: [await scriptImage('true')], services: [slow] });
    expect(await tasks.run(task)).toEqual({ type: 'exited', code: 0 });
    expect((await tasks.artifact(task))?.has('unit-alfred.log')).toBe(false);
  });

  it('that never get healthy break the task, which shows the check and the last lines of each of three attempts', async () => {
    await using tasks = await dockerTasks();
    const db = service('db', await scriptImage('echo starting up; echo still starting; sleep 60'), {
      health: health('echo no connection; exit 3', { retries: 2 }),
    });
    const task = tasks.task({ steps: [await scriptImage('true')], services: [db] });
    const reason = 'service db never got healthy: exit code 3 in check 2 of 2 (3 attempts)';
    expect(await tasks.run(task)).toEqual({ type: 'broken', reason });
    const artifact = await tasks.artifact(task);
    const attempt = (number: number): readonly string[] => [
      `alfred: service db, attempt ${number} of 3: never got healthy: exit code 3 in check 2 of 2`,
      'alfred: its check said:',
      'alfred:   no connection',
      'alfred: its last lines:',
      expect.stringMatching(/^alfred: {3}\S+Z starting up$/),
      expect.stringMatching(/^alfred: {3}\S+Z still starting$/),
    ];
    expect(texts(artifact?.get('unit-alfred.log'))).toEqual([...[1, 2, 3].flatMap(attempt), `alfred: ${reason}`, '']);
    expect(artifact?.has('unit-step-1.log')).toBe(false);
  });

  it('that exit break the task at once, whatever their checks would still wait for', async () => {
    await using tasks = await dockerTasks();
    const db = service('db', await scriptImage('echo bad flag >&2; exit 7'), { health: health('true', { intervalMs: 60_000 }) });
    const task = tasks.task({ steps: [await scriptImage('true')], services: [db] });
    expect(await tasks.run(task)).toEqual({ type: 'broken', reason: 'service db exited with code 7 (3 attempts)' });
    expect((await tasks.artifact(task))?.get('unit-alfred.log')).toMatch(/attempt 3 of 3: exited with code 7\n.*\n.*bad flag\n/);
  });

  it('whose check hangs are not healthy', async () => {
    await using tasks = await dockerTasks();
    const db = service('db', await scriptImage('sleep 60'), { health: health('sleep 60', { timeoutMs: 100, retries: 1 }) });
    const task = tasks.task({ steps: [await scriptImage('true')], services: [db] });
    expect(await tasks.run(task)).toEqual({
      type: 'broken',
      reason: 'service db never got healthy: no answer within 0.1 s in check 1 of 1 (3 attempts)',
    });
  });

  it('that die under the steps are told of in the log, and leave the verdict to the steps', async () => {
    await using tasks = await dockerTasks();
    const db = service('db', await scriptImage('echo last words; sleep 1; exit 5'));
    const step = await scriptImage('touch /alfred/shared/up; until [ -e /alfred/shared/go ]; do usleep 20000; done');
    const task = tasks.task({ steps: [step], services: [db] });
    const result = tasks.run(task);
    await tasks.sees(task, 'output/unit-alfred.log', 'last words');
    await tasks.signal(task, 'go');
    expect(await result).toEqual({ type: 'exited', code: 0 });
    expect(texts((await tasks.artifact(task))?.get('unit-alfred.log'))).toEqual([
      'alfred: service db exited with code 5 while the steps were running',
      'alfred: its last lines:',
      expect.stringMatching(/^alfred: {3}\S+Z last words$/),
      '',
    ]);
  });

  it('leave no anonymous volume, however often they are made anew', async () => {
    await using tasks = await dockerTasks();
    const db = service('db', await scriptImage('echo x > /data/x; exit 1', ['VOLUME /data']), { health: health('false') });
    const task = tasks.task({ steps: [await scriptImage('true')], services: [db] });
    expect(await tasks.run(task)).toMatchObject({ type: 'broken' });
  });
});

describeOnEngine("a service's image", () => {
  let registry: Registry;
  let image: string;

  beforeAll(async () => {
    registry = await startRegistry();
    image = await registry.push(await scriptImage('sleep 60'), 'service');
    return () => registry[Symbol.asyncDispose]();
  });

  it('is pulled when the engine lacks it, once for all tasks that want it', async () => {
    await using tasks = await dockerTasks();
    const wanted = await Promise.all(
      [1, 2].map(async () => tasks.task({ steps: [await scriptImage('true')], services: [service('db', image)] })),
    );
    const results = await Promise.all(wanted.map(task => tasks.run(task)));
    expect(results).toEqual([
      { type: 'exited', code: 0 },
      { type: 'exited', code: 0 },
    ]);
    expect(texts((await tasks.artifact(wanted[0] as TaskRun))?.get('unit-alfred.log'))).toEqual([`alfred: pulling ${image}`, '']);
    await registry.forget(image);
  });

  it('that the registry does not have breaks the task, in the words of the registry', async () => {
    await using tasks = await dockerTasks();
    const nothing = `${registry.address}/nothing:1`;
    const task = tasks.task({ steps: [await scriptImage('true')], services: [service('db', nothing)] });
    const result = await tasks.run(task);
    expect(result).toEqual({ type: 'broken', reason: expect.stringMatching(new RegExp(`^pull ${nothing}: .*not found`)) });
    expect((await tasks.artifact(task))?.get('unit-alfred.log')).toContain('not found');
  });
});

describeOnEngine("a private registry's image", () => {
  let registry: Registry;
  let image: string;

  beforeAll(async () => {
    registry = await startRegistry('private');
    image = await registry.push(await scriptImage('sleep 60'), 'service');
  });
  afterAll(() => registry[Symbol.asyncDispose]());

  it("is pulled with the credentials of this user's Docker, as they are when it is pulled", async () => {
    await using home = await temporaryFolder();
    const engine = await connectEngine({ HOME: home.path, DOCKER_HOST: theEngine().address });
    await using tasks = await dockerTasks({ engine });
    const task = tasks.task({ steps: [await scriptImage('true')], services: [service('db', image)] });
    expect(await tasks.runner.run(task, never)).toEqual({
      type: 'broken',
      reason: expect.stringMatching(/no basic auth|unauthorized/),
    });

    const auth = Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString('base64');
    await mkdir(join(home.path, '.docker'));
    await writeFile(join(home.path, '.docker/config.json'), JSON.stringify({ auths: { [registry.address]: { auth } } }));
    expect(await tasks.run(task)).toEqual({ type: 'exited', code: 0 });
    await registry.forget(image);
  });
});
