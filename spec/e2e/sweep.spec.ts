/** What crashes left behind goes, whatever it is; what is another server's, nobody's or too young stays. */
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LABEL } from '../../src/docker/names.ts';
import { alfredServer } from '../support/binary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { describeOnEngine, leftOnEngine, theEngine } from '../support/engine.ts';
import { busyboxImage } from '../support/images.ts';
import { openServer, type ServerLives } from '../support/server-lives.ts';

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});

afterEach(() => desk[Symbol.asyncDispose]());

/** The name of a job that the server has run. */
const finishedJob = async (server: ServerLives): Promise<string> => {
  const { stdout } = await desk.alfred([
    '--remote',
    server.remote,
    'run',
    '--async',
    await desk.job({ script: '', tasks: ['one'] }),
  ]);
  await desk.alfred(['--remote', server.remote, 'watch', stdout]);
  return stdout;
};

/** A container, a network and a volume with these labels, all named `name`; gone at the end of the scope. */
const makeObjects = async (name: string, labels: Readonly<Record<string, string>>): Promise<AsyncDisposable> => {
  const { docker } = theEngine();
  const Labels = { ...labels };
  const network = await docker.createNetwork({ Name: name, Labels, IPAM: { Config: [{ Subnet: await freeSubnet() }] } });
  const volume = await docker.createVolume({ Name: name, Labels });
  const options = { name, Image: await busyboxImage(), Cmd: ['sleep', '600'], Labels, HostConfig: { NetworkMode: network.id } };
  const container = await docker.createContainer(options);
  await container.start();
  return {
    [Symbol.asyncDispose]: async () => {
      await container.remove({ force: true }).catch(() => undefined);
      await network.remove().catch(() => undefined);
      await volume.remove().catch(() => undefined);
    },
  };
};

let subnets = 0;

/** Of a range in which no server of these specs makes networks. */
const freeSubnet = async (): Promise<string> => `10.98.${process.pid % 256}.${16 * subnets++}/28`;

/** The containers, networks and volumes whose names begin like this. */
const objectsCalled = async (name: string): Promise<readonly string[]> => {
  const { docker } = theEngine();
  const containers = await docker.listContainers({ all: true, filters: { name: [name] } });
  const networks = await docker.listNetworks({ filters: { name: [name] } });
  const { Volumes: volumes } = await docker.listVolumes({ filters: { name: [name] } });
  return [
    ...containers.flatMap(({ Names }) => Names.map(found => `container ${found.slice(1)}`)),
    ...networks.map(({ Name }) => `network ${Name}`),
    ...volumes.map(({ Name }) => `volume ${Name}`),
  ];
};

const allThree = (name: string): readonly string[] => [`container ${name}`, `network ${name}`, `volume ${name}`];

/** A half-written artifact that nobody has touched for an hour. */
const writeOldHalf = async (server: ServerLives, job: string): Promise<string> => {
  const path = join(server.data, 'artifacts', job, '.two.1234.part');
  await writeFile(path, 'half');
  const anHourAgo = new Date(Date.now() - 3_600_000);
  await utimes(path, anHourAgo, anHourAgo);
  return join(job, '.two.1234.part');
};

const gc = (server: ServerLives, ...flags: readonly string[]) => alfredServer(['gc', ...server.folders, ...flags]);

describeOnEngine('alfred-server gc', () => {
  it('lists and removes what belongs to no live task of this server, and touches nothing else', async () => {
    await using server = await openServer();
    const job = await finishedJob(server);
    await server.stop();
    const [ours, others, nobodys] = ['ours', 'others', 'nobodys'].map(whose => `${desk.jobName}-${whose}`) as [
      string,
      string,
      string,
    ];
    const labels = { [LABEL.job]: job, [LABEL.task]: 'two' };
    await using _ours = await makeObjects(ours, { ...labels, [LABEL.server]: await server.instance() });
    await using _others = await makeObjects(others, {
      [LABEL.job]: 'x',
      [LABEL.task]: 'two',
      [LABEL.server]: '0123456789abcdef',
    });
    await using _nobodys = await makeObjects(nobodys, { 'some.label': 'alfred' });
    await mkdir(join(server.workspace, `${job}-two`, 'output'), { recursive: true });
    await mkdir(join(server.workspace, 'another-servers-job-two'));
    const half = await writeOldHalf(server, job);
    const expected = [...allThree(ours), `workspace ${job}-two`, `half-written artifact ${half}`];

    const listed = await gc(server, '--dry-run');

    expect(listed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(listed.stdout.split('\n').toSorted()).toEqual(expected.toSorted());
    expect((await objectsCalled(ours)).toSorted()).toEqual(allThree(ours));

    const removed = await gc(server);

    expect(removed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(removed.stdout.split('\n').toSorted()).toEqual(expected.toSorted().map(line => `removed ${line}`));
    expect(await objectsCalled(ours)).toEqual([]);
    expect((await objectsCalled(others)).toSorted()).toEqual(allThree(others));
    expect((await objectsCalled(nobodys)).toSorted()).toEqual(allThree(nobodys));
    expect(await readdir(server.workspace)).toEqual(['another-servers-job-two']);
    expect(await readdir(join(server.data, 'artifacts', job))).toEqual(['one.tar.zst']);
    expect(await gc(server)).toMatchObject({ exitCode: 0, stdout: '', stderr: expect.stringMatching(/nothing/) });
  });

  it('leaves the tasks alone that a killed server will take up', async () => {
    await using server = await openServer({ flags: ['--max-nodes', '1', '--slots-per-node', '1'] });
    const script = 'until [ -e "$ALFRED_SHARED/go" ]; do sleep 0.1; done';
    const { stdout: job } = await desk.alfred([
      ...['--remote', server.remote, 'run', '--async'],
      await desk.job({ script, tasks: ['busy', 'waiting'] }),
    ]);
    const isRunning = async () => (await leftOnEngine(await server.instance())).some(object => object.endsWith('running'));
    await expect.poll(isRunning, { timeout: 30_000 }).toBe(true);
    await server.kill();

    expect(await gc(server)).toMatchObject({ exitCode: 0, stdout: '' });

    expect(await isRunning()).toBe(true);
    expect(await readdir(server.workspace)).toEqual([`${job}-busy`]);
  });

  it('removes nothing beside a server that runs, says so, and lists what that one will remove', async () => {
    await using server = await openServer();
    const job = await finishedJob(server);
    const half = await writeOldHalf(server, job);

    expect(await gc(server)).toMatchObject({
      exitCode: 2,
      stderr: `alfred-server: a server (pid ${server.pid()}) runs on ${server.data}: it removes leftovers by itself, at its start and every minute; gc --dry-run lists them`,
    });

    expect(await gc(server, '--dry-run')).toMatchObject({
      exitCode: 0,
      stdout: `half-written artifact ${half}`,
      stderr: expect.stringContaining(`(pid ${server.pid()})`),
    });
    expect(await readdir(join(server.data, 'artifacts', job))).toContain('.two.1234.part');
  });
});

describeOnEngine('a server that starts', () => {
  it('removes what is left over and old enough, and leaves alone what is young', async () => {
    await using server = await openServer();
    const job = await finishedJob(server);
    await server.kill();
    const young = `${desk.jobName}-young`;
    const labels = { [LABEL.job]: job, [LABEL.task]: 'two', [LABEL.server]: await server.instance() };
    await using _young = await makeObjects(young, labels);
    await writeOldHalf(server, job);

    await server.start();
    // The last thing that a sweep removes.
    await server.logged(/"artifact".*removed a leftover/);

    expect((await objectsCalled(young)).toSorted()).toEqual(allThree(young));
    expect(await readdir(join(server.data, 'artifacts', job))).toEqual(['one.tar.zst']);

    // Nothing is live any more, so nothing is too young.
    expect(await server.stop()).toMatchObject({ exitCode: 0 });
    expect(await objectsCalled(young)).toEqual([]);
  });
});
