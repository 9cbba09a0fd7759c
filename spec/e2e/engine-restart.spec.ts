/** The Docker engine stops and starts again under running work. An engine of the specs' own: the machine's is everybody's. */
import { glob, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LABEL } from '../../src/docker/names.ts';
import { filesIn, withoutTimestamps } from '../support/artifact.ts';
import { type Program, said } from '../support/binary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { describeOnEngine } from '../support/engine.ts';
import { type OwnEngine, startOwnEngine } from '../support/own-engine.ts';
import { openServer, type ServerLives } from '../support/server-lives.ts';
import { until } from '../support/until.ts';

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});

afterEach(() => desk[Symbol.asyncDispose]());

const openServerOn = (engine: OwnEngine): Promise<ServerLives> =>
  openServer({
    flags: ['--network-range', '10.99.0.0/16', '--max-nodes', '1', '--slots-per-node', '2'],
    env: { DOCKER_HOST: engine.host },
  });

const alfred = (server: ServerLives, ...args: readonly string[]): Program => desk.alfred(['--remote', server.remote, ...args]);

const COUNT_UNTIL_GO = `
  n=0
  until [ -e "$ALFRED_SHARED/go" ]; do
    echo "$ALFRED_TASK line $n"
    n=$((n + 1))
    sleep 0.1
  done
  echo "$ALFRED_TASK ends"`;

const letGo = async (server: ServerLives): Promise<void> => {
  for await (const shared of glob(join(server.workspace, '*/shared'))) await writeFile(join(shared, 'go'), '');
};

const running = async (engine: OwnEngine): Promise<number> => (await engine.docker.listContainers()).length;

/** What the engine holds of any server. */
const left = async ({ docker }: OwnEngine): Promise<readonly string[]> => {
  const filters = { label: [LABEL.server] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  return [...containers.map(({ Names }) => Names.join()), ...networks.map(({ Name }) => Name)];
};

type ShownTask = { readonly name: string; readonly state: string; readonly reason: string | null };

const tasksOf = async (server: ServerLives, job: string): Promise<readonly ShownTask[]> =>
  JSON.parse((await alfred(server, 'show', job, '--json')).stdout).tasks;

describeOnEngine('a server whose Docker engine restarts', () => {
  it('says of each task that the engine killed how it ended, and runs what is handed in meanwhile', async () => {
    await using engine = await startOwnEngine({ liveRestore: false });
    await using server = await openServerOn(engine);
    const jobfile = await desk.job({ script: COUNT_UNTIL_GO, tasks: ['one', 'two'] });
    const { stdout: job } = await alfred(server, 'run', '--async', jobfile);
    await until(async () => (await running(engine)) === 2);

    await engine.stop();
    const late = alfred(server, 'run', jobfile);
    await said(late, /uploading/);
    await engine.start();

    expect(await alfred(server, 'watch', job)).toMatchObject({ exitCode: 1 });
    expect(await tasksOf(server, job)).toMatchObject([
      { name: 'one', state: 'failed', reason: expect.stringMatching(/killed by SIG/) },
      { name: 'two', state: 'failed', reason: expect.stringMatching(/killed by SIG/) },
    ]);
    await until(async () => (await running(engine)) === 2);
    await letGo(server);
    expect(await late).toMatchObject({ exitCode: 0 });
    expect(await server.stop()).toMatchObject({ exitCode: 0 });
    expect({ engine: await left(engine), workspaces: await readdir(server.workspace) }).toEqual({ engine: [], workspaces: [] });
  });

  it('sees tasks through that live on without their engine, to the last byte', async () => {
    await using engine = await startOwnEngine({ liveRestore: true });
    await using server = await openServerOn(engine);
    const { stdout: job } = await alfred(
      server,
      'run',
      '--async',
      await desk.job({ script: COUNT_UNTIL_GO, tasks: ['one', 'two'] }),
    );
    await until(async () => (await running(engine)) === 2);

    await engine.stop();
    await delay(1_000);
    await engine.start();
    await letGo(server);

    const { exitCode, stderr } = await alfred(server, 'watch', job);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    for (const task of ['one', 'two']) {
      const files = await filesIn(join(server.data, 'artifacts', job, `${task}.tar.zst`));
      const [last, ...lines] = withoutTimestamps(files[`${task}-step-1.log`]).trimEnd().split('\n').reverse();
      expect(last).toBe(`${task} ends`);
      expect(lines.reverse()).toEqual(lines.map((_, n) => `${task} line ${n}`));
    }
    expect(await server.stop()).toMatchObject({ exitCode: 0 });
    expect({ engine: await left(engine), workspaces: await readdir(server.workspace) }).toEqual({ engine: [], workspaces: [] });
  });
});
