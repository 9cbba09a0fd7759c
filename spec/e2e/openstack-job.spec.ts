/** Machines on demand, from none to none: the built programs on a real OpenStack, with a server that is killed on the way, too. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesIn, withoutTimestamps } from '../support/artifact.ts';
import type { Program } from '../support/binary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { FLAGS, openTenant, type Tenant } from '../support/openstack.ts';
import { openServer, type ServerLives } from '../support/server-lives.ts';
import { until } from '../support/until.ts';

const TASKS = ['one', 'two', 'three', 'four', 'five', 'six'];

/** Longer than any machine takes to boot. */
const LIMIT_MS = 600_000;

/** Says who ran, on what, and goes on until somebody makes the file `go`. */
const UNTIL_GO = `
  echo "$ALFRED_TASK" >> "$ALFRED_OUTPUT/runs"
  echo "$ALFRED_TASK begins"
  until [ -e "$ALFRED_SHARED/go" ]; do sleep 0.2; done
  echo "$ALFRED_TASK ends"`;

let desk: Desk;
let tenant: Tenant;
let server: ServerLives;

beforeEach(async () => {
  desk = await openDesk();
  tenant = await openTenant();
  server = await openServer({ flags: [...FLAGS, '--max-nodes', '2'], env: tenant.env });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await tenant[Symbol.asyncDispose]();
  await desk[Symbol.asyncDispose]();
});

const alfred = (...args: readonly string[]): Program => desk.alfred(['--remote', server.remote, ...args]);

const submit = async (script: string): Promise<string> => {
  const { stdout, stderr, exitCode } = await alfred('run', '--async', await desk.job({ script, tasks: TASKS }));
  expect(exitCode, stderr).toBe(0);
  return stdout;
};

type ShownTask = { readonly name: string; readonly state: string; readonly exitCode: number | null };

const tasksOf = async (job: string): Promise<readonly ShownTask[]> =>
  JSON.parse((await alfred('show', job, '--json')).stdout).tasks;

const running = async (job: string): Promise<readonly string[]> =>
  (await tasksOf(job)).filter(({ state }) => state === 'running').map(({ name }) => name);

const hasBegun = (job: string, task: string): Promise<void> =>
  until(async () => (await alfred('logs', job, task)).stdout.includes(`${task} begins`), LIMIT_MS);

const letGo = (job: string, task: string): Program =>
  alfred('exec', job, task, '--', '/bin/busybox', 'touch', '/alfred/shared/go');

/** Lets each task go as soon as it runs, until the job has ended. */
const letAllGo = async (job: string): Promise<void> => {
  await until(async () => {
    for (const task of await running(job)) await letGo(job, task);
    return (await tasksOf(job)).every(({ state }) => state !== 'queued' && state !== 'running');
  }, LIMIT_MS);
};

/** Every task has run once, and said all that it had to say. */
const expectAllRanOnce = async (job: string): Promise<void> => {
  expect(await alfred('artifact', job, '--output', 'artifacts')).toMatchObject({ exitCode: 0 });
  for (const task of TASKS) {
    const files = await filesIn(join(desk.path, 'artifacts', `${task}.tar.zst`));
    expect(files.runs).toBe(`${task}\n`);
    expect(withoutTimestamps(files[`${task}-step-1.log`])).toBe(`${task} begins\n${task} ends\n`);
  }
};

const machinesAreGone = (): Promise<void> => until(async () => (await tenant.servers()).length === 0, LIMIT_MS);

describe('alfred on OpenStack', () => {
  it('makes two machines for six tasks, brings their artifacts, and takes the machines away when nothing is left to do', async () => {
    const script = 'echo "$ALFRED_TASK" >> "$ALFRED_OUTPUT/runs"; echo "$ALFRED_TASK begins"; echo "$ALFRED_TASK ends"';
    const run = alfred('run', await desk.job({ script, tasks: TASKS }), '--artifacts', 'brought');

    const { exitCode, stderr } = await run;

    expect(exitCode, stderr).toBe(0);
    expect(new Set(await readdir(join(desk.path, 'brought')))).toEqual(new Set(TASKS.map(task => `${task}.tar.zst`)));
    await expectAllRanOnce(JSON.parse((await alfred('ps', '--all', '--json')).stdout).name);
    await machinesAreGone();
    expect(await tenant.everMade()).toHaveLength(2);
    expect(await server.stop()).toMatchObject({ exitCode: 0 });
    expect(await tenant.left()).toEqual([]);
  });

  it('shows logs, lets people in and cancels, on machines far away; the rest of the job goes on', async () => {
    const job = await submit(UNTIL_GO);
    await until(async () => (await running(job)).includes('one'), LIMIT_MS);
    await hasBegun(job, 'one');
    expect(await alfred('exec', job, 'one', '--', '/bin/busybox', 'sh', '-c', 'echo "in $ALFRED_TASK"; exit 5')).toMatchObject({
      exitCode: 5,
      stdout: 'in one',
    });

    expect(await alfred('cancel', job, 'one')).toMatchObject({ exitCode: 0 });
    await letAllGo(job);

    const tasks = await tasksOf(job);
    expect(tasks.filter(({ state }) => state === 'aborted').map(({ name }) => name)).toEqual(['one']);
    expect(tasks.filter(({ state }) => state === 'completed')).toHaveLength(5);
  });

  it('takes a stop for what it is: the tasks are told, the machines and the key go', async () => {
    const job = await submit(UNTIL_GO);
    await until(async () => (await running(job)).length > 0, LIMIT_MS);

    expect(await server.stop()).toMatchObject({ exitCode: 0 });

    expect(await tenant.left()).toEqual([]);
  });
});

describe('a server with machines on OpenStack that is killed and comes back', () => {
  it('goes on with machines that were booting, and makes no others for them', async () => {
    const job = await submit(UNTIL_GO);
    await until(async () => (await tenant.servers()).length === 2, LIMIT_MS);

    await server.kill();
    await server.start();
    await letAllGo(job);

    await expectAllRanOnce(job);
    await machinesAreGone();
    expect(await tenant.everMade()).toHaveLength(2);
    await server.stop();
    expect(await tenant.left()).toEqual([]);
  });

  it('goes on with the tasks that run on its machines; nothing runs twice and no line is lost', async () => {
    const job = await submit(UNTIL_GO);
    await until(async () => (await running(job)).length === 4, LIMIT_MS);
    for (const task of await running(job)) await hasBegun(job, task);

    await server.kill();
    await server.start();
    await letAllGo(job);

    await expectAllRanOnce(job);
    await machinesAreGone();
    expect(await tenant.everMade()).toHaveLength(2);
    await server.stop();
    expect(await tenant.left()).toEqual([]);
  });
});
