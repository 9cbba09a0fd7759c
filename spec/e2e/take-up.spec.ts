/** What a server finds when it comes back after a kill: tasks that wait, run, have ended, have vanished, are overdue. */
import { glob, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LABEL } from '../../src/docker/names.ts';
import { filesIn, withoutTimestamps } from '../support/artifact.ts';
import type { Program } from '../support/binary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { describeOnEngine, theEngine } from '../support/engine.ts';
import { type Ledger, openLedger, writeInLedger } from '../support/ledger.ts';
import { openServer, type ServerLives } from '../support/server-lives.ts';
import { until } from '../support/until.ts';

let desk: Desk;
let ledger: Ledger;

beforeEach(async () => {
  desk = await openDesk();
  ledger = await openLedger();
});

afterEach(async () => {
  await ledger[Symbol.asyncDispose]();
  await desk[Symbol.asyncDispose]();
});

/** Says in the ledger that it begins, and goes on until somebody makes the file `go` in the task's shared folder. */
const untilGo = (): string => `
  ${writeInLedger(ledger.port, '$ALFRED_TASK')}
  echo "$ALFRED_TASK begins"
  until [ -e "$ALFRED_SHARED/go" ]; do sleep 0.1; done
  echo "$ALFRED_TASK ends"`;

const alfred = (server: ServerLives, ...args: readonly string[]): Program => desk.alfred(['--remote', server.remote, ...args]);

const letGo = async (server: ServerLives): Promise<void> => {
  for await (const shared of glob(join(server.workspace, '*/shared'))) await writeFile(join(shared, 'go'), '');
};

const begun = (tasks: number): Promise<void> => until(async () => ledger.lines.length === tasks);

/** The containers of this server's steps. */
const steps = async (server: ServerLives) => {
  const label = [`${LABEL.server}=${await server.instance()}`, `${LABEL.role}=step`];
  return theEngine().docker.listContainers({ all: true, filters: { label } });
};

/** Hands a job in; its full name. */
const submit = async (server: ServerLives, job: string): Promise<string> => (await alfred(server, 'run', '--async', job)).stdout;

describeOnEngine('a server that was killed and comes back', () => {
  it('starts what was queued in the order in which it was queued', async () => {
    await using server = await openServer({ flags: ['--max-nodes', '1', '--slots-per-node', '1'] });
    const job = await submit(server, await desk.job({ script: untilGo(), tasks: ['one', 'two', 'three', 'four'] }));
    await begun(1);

    for (const started of [1, 2, 3]) {
      await server.kill();
      await letGo(server);
      await server.start();
      await begun(started + 1);
    }
    await letGo(server);

    expect(await alfred(server, 'watch', job)).toMatchObject({ exitCode: 0 });
    expect(ledger.lines).toEqual(['one', 'two', 'three', 'four']);
  });

  it('reads what ended meanwhile, and fails what vanished, without running anything twice', async () => {
    await using server = await openServer({ flags: ['--max-nodes', '1', '--slots-per-node', '2'] });
    const script = `${untilGo()}; echo "the last words"; exit 42`;
    const job = await submit(server, await desk.job({ script, tasks: ['ended', 'vanished'] }));
    const log = join(server.workspace, `${job}-vanished`, 'output', 'vanished-step-1.log');
    await until(async () => (await readFile(log, 'utf8').catch(() => '')).includes('begins'));
    await begun(2);

    await server.kill();
    for (const { Id, Labels } of await steps(server))
      if (Labels[LABEL.task] === 'vanished') await theEngine().docker.getContainer(Id).remove({ force: true });
    await letGo(server);
    await until(async () => (await steps(server)).every(({ State }) => State === 'exited'));
    await server.start();

    const { exitCode, stderr } = await alfred(server, 'watch', job, '--json');
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 });
    const { stdout: shown } = await alfred(server, 'show', job, '--json');
    expect(JSON.parse(shown).tasks).toMatchObject([
      { name: 'ended', exitCode: 42 },
      { name: 'vanished', state: 'failed', reason: expect.stringMatching(/container vanished.*not run a second time/) },
    ]);
    expect(ledger.lines.toSorted()).toEqual(['ended', 'vanished']);
    const ended = await filesIn(join(server.data, 'artifacts', job, 'ended.tar.zst'));
    expect(withoutTimestamps(ended['ended-step-1.log'])).toBe('ended begins\nended ends\nthe last words\n');
    const vanished = await filesIn(join(server.data, 'artifacts', job, 'vanished.tar.zst'));
    expect(withoutTimestamps(vanished['vanished-step-1.log'])).toBe('vanished begins\n');
    expect(vanished['vanished-alfred.log']).toContain('vanished');
  });

  it('counts the time in which there was no server towards the timeout', async () => {
    await using server = await openServer({ flags: ['--task-timeout', '6s'] });
    const job = await submit(server, await desk.job({ script: untilGo(), tasks: ['slow'] }));
    await begun(1);
    const deadline = Date.now() + 6_000;

    await server.kill();
    await delay(deadline - Date.now());
    await server.start();
    const backAt = Date.now();

    const { exitCode, stderr } = await alfred(server, 'watch', job);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('timed out') });
    const [slow] = JSON.parse((await alfred(server, 'show', job, '--json')).stdout).tasks;
    // Counted anew, it would have had six seconds more.
    expect(Date.parse(slow.endedAt) - backAt).toBeLessThan(5_000);
  });

  it('still knows the jobs of earlier lives: lists and shows them, and has their logs and artifacts', async () => {
    await using server = await openServer();
    const script = 'echo "hello from $ALFRED_TASK"; echo content > "$ALFRED_OUTPUT/made"; [ $ALFRED_TASK = good ] || exit 7';
    await alfred(server, 'run', await desk.job({ script, tasks: ['good', 'bad'] }));
    const { stdout: listed } = await alfred(server, 'ps', '--all', '--json');
    const job = JSON.parse(listed).name;
    const { stdout: shown } = await alfred(server, 'show', job, '--json');

    await server.kill();
    await server.start();
    await server.kill();
    await server.start();

    expect((await alfred(server, 'ps', '--all', '--json')).stdout).toBe(listed);
    expect((await alfred(server, 'show', job, '--json')).stdout).toBe(shown);
    expect(JSON.parse(shown).tasks).toMatchObject([{ exitCode: 0 }, { exitCode: 7 }]);
    expect(await alfred(server, 'watch', job)).toMatchObject({ exitCode: 1 });
    expect((await alfred(server, 'logs', job, 'bad')).stdout).toContain('hello from bad');
    expect(await alfred(server, 'artifact', job, '--output', 'here')).toMatchObject({ exitCode: 0 });
    expect((await readdir(join(desk.path, 'here'))).toSorted()).toEqual(['bad.tar.zst', 'good.tar.zst']);
    expect((await filesIn(join(desk.path, 'here', 'bad.tar.zst'))).made).toBe('content\n');
  });
});
