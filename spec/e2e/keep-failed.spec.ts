/** Failed tasks that are kept, with the built programs on a real engine. */
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LABEL } from '../../src/docker/names.ts';
import { type Program, said } from '../support/binary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { describeOnEngine, expectNothingLeft, leftOnEngine, theEngine } from '../support/engine.ts';
import { busyboxImage, redisImage } from '../support/images.ts';
import { openServer, type ServerLives } from '../support/server-lives.ts';
import { until } from '../support/until.ts';

/** Leaves a file in its container's own file system, one in a volume and one in the workspace, and fails. */
const LEAVES_FILES = 'echo mine > /left; echo ours > /data/left; echo theirs > $ALFRED_SHARED/left; exit 3';

type KeptTask = { readonly state: string; readonly keptUntil: string | null };

let desk: Desk;
let server: ServerLives;

describeOnEngine('a failed task that is kept', () => {
  beforeEach(async () => {
    desk = await openDesk();
    server = await openServer({ flags: ['--max-nodes', '1', '--slots-per-node', '1'] });
  });

  // Before the desk's, which counts what is left.
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    await desk[Symbol.asyncDispose]();
  });

  const alfred = (...args: readonly string[]): Program => desk.alfred(['--remote', server.remote, ...args]);

  const jobfile = async (script: string, tasks: readonly string[], more = ''): Promise<string> => {
    const path = await desk.job({ script, tasks });
    await appendFile(path, more);
    const image = await busyboxImage();
    await writeFile(
      join(desk.path, 'Dockerfile'),
      `FROM ${image}\nVOLUME /data\nENTRYPOINT ["sh", "-c", "eval \\"$SCRIPT\\""]\n`,
    );
    return path;
  };

  const statesOf = async (job: string): Promise<Readonly<Record<string, KeptTask | undefined>>> => {
    const { stdout } = await alfred('show', '--json', job);
    const { tasks } = JSON.parse(stdout);
    return Object.fromEntries(tasks.map(({ name, ...task }: { name: string }) => [name, task]));
  };

  /** Hands a job in whose first task fails; returns its name when that is kept. */
  const kept = async (keptFor: string, path: string): Promise<string> => {
    const { stdout: job } = await alfred('run', '--async', '--keep-failed', keptFor, path);
    await until(async () => Object.values(await statesOf(job)).some(task => typeof task?.keptUntil === 'string'));
    return job;
  };

  const isGone = (job: string): Promise<void> =>
    until(async () => {
      const { docker } = theEngine();
      const filters = { label: [`${LABEL.job}=${job}`] };
      return (await docker.listContainers({ all: true, filters })).length === 0;
    });

  it('can be entered, with the files, the environment and the services of its last step; its slot is taken until it is cancelled', async () => {
    const services = `services:\n  cache: { image: "${await redisImage()}" }\n`;
    const job = await kept('10m', await jobfile(LEAVES_FILES, ['unit', 'next'], services));

    expect(await statesOf(job)).toMatchObject({ unit: { state: 'failed', exitCode: 3 }, next: { state: 'queued' } });
    const look = 'cat /left /data/left $ALFRED_SHARED/left; echo $ALFRED_TASK; echo PING | nc -w 5 cache 6379; exit 7';
    expect(await alfred('exec', job, 'unit', '--', 'sh', '-c', look)).toMatchObject({
      exitCode: 7,
      stdout: 'mine\nours\ntheirs\nunit\n+PONG',
    });
    await alfred('exec', job, 'unit', '--', 'sh', '-c', 'echo more >> /left');
    expect((await alfred('exec', job, 'unit', '--', 'cat', '/left')).stdout).toBe('mine\nmore');

    expect(await alfred('cancel', job, 'unit')).toMatchObject({ exitCode: 0 });
    await until(async () => {
      const { next } = await statesOf(job);
      return typeof next?.keptUntil === 'string';
    });
    expect(await statesOf(job)).toMatchObject({ unit: { state: 'failed', exitCode: 3, keptUntil: null } });
    await alfred('cancel', job);
    await isGone(job);
    expect(await alfred('exec', job, 'unit')).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(/--keep-failed/) });
    // Its image had no name, and was the parent of what was made to look into the task: it is still there.
    expect(await alfred('rerun', '--async', job)).toMatchObject({ exitCode: 0 });
  });

  it('ends what runs in it when its time is over, and nothing of it is left', async () => {
    const job = await kept('20s', await jobfile('exit 3', ['unit']));
    const inside = alfred('exec', job, 'unit', '--', 'sh', '-c', 'echo inside; sleep 1000');
    await said(inside, /inside/);

    expect(await inside).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(/or what was kept of it, ended/) });
    expect(await alfred('watch', job)).toMatchObject({ exitCode: 1 });
    await until(async () => (await leftOnEngine(await server.instance())).length === 0);
    await expectNothingLeft(await server.instance());
  });

  it('is kept by a server that is started again after it was killed, and can be entered as before', async () => {
    const job = await kept('10m', await jobfile(LEAVES_FILES, ['unit']));
    const before = await statesOf(job);
    await alfred('exec', job, 'unit', '--', 'sh', '-c', 'echo more >> /left');

    await server.kill();
    await server.start();

    expect(await statesOf(job)).toEqual(before);
    expect((await alfred('exec', job, 'unit', '--', 'cat', '/left')).stdout).toBe('mine\nmore');
    await alfred('cancel', job);
    await isGone(job);
  });

  it('stays when the rest is cancelled for its sake; who watches reads how to get in, and Ctrl+C leaves it', async () => {
    const watching = alfred('run', '--keep-failed', '10m', '--abort-on-error', await jobfile('exit 3', ['unit', 'next']));
    await said(watching, /alfred --remote \S+ exec \S+ unit/);
    await said(watching, /next aborted/);
    watching.kill('SIGINT');

    const { exitCode, stderr } = await watching;
    expect(exitCode).toBe(130);
    const [, job = ''] = /exec (\S+) unit/.exec(stderr) ?? [];
    expect(await statesOf(job)).toMatchObject({ unit: { state: 'failed', keptUntil: expect.any(String) } });
  });

  it('is there with a server inside the command, until Ctrl+C', async () => {
    const running = desk.alfred(['--local', 'run', '--keep-failed', '10m', await jobfile(LEAVES_FILES, ['unit'])]);
    let written = '';
    running.all.on('data', chunk => {
      written += chunk;
    });
    await said(running, /alfred --remote \S+ exec \S+ unit/);
    const [, remote = '', job = ''] = /alfred --remote (\S+) exec (\S+) unit/.exec(written) ?? [];

    expect((await desk.alfred(['--remote', remote, 'exec', job, 'unit', '--', 'cat', '/left'])).stdout).toBe('mine');
    running.kill('SIGINT');

    expect(await running).toMatchObject({ exitCode: 130 });
  });
});
