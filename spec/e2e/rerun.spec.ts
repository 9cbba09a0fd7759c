/** Jobs that are run again, with the built programs on a real engine. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LABEL } from '../../src/docker/names.ts';
import { type Program, startServer, type TestServer } from '../support/binary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { describeOnEngine, theEngine } from '../support/engine.ts';
import { until } from '../support/until.ts';

let desk: Desk;
let server: TestServer;

describeOnEngine('alfred rerun', () => {
  beforeEach(async () => {
    desk = await openDesk();
    server = await startServer('--task-startup-delay', '0s');
  });

  // Before the desk's, which counts what is left.
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    await desk[Symbol.asyncDispose]();
  });

  const alfred = (...args: readonly string[]): Program => desk.alfred(['--remote', server.remote, ...args]);

  /** The full name of a job that has ended. */
  const ended = async (script: string, tasks: readonly string[]): Promise<string> => {
    const { stdout } = await alfred('run', '--json', await desk.job({ script, tasks }));
    return JSON.parse(stdout.split('\n')[0] ?? '').name;
  };

  it('runs the tasks that failed as a job of its own, long after the jobfile is gone, and remembers who asked', async () => {
    const name = await ended('[ $ALFRED_TASK = good ] || exit 7', ['good', 'bad', 'worse']);

    const { exitCode, stdout } = await alfred('--json', 'rerun', '--failed', name);

    const documents = stdout.split('\n').map(line => JSON.parse(line));
    const again = documents[0].name;
    expect(exitCode).toBe(1);
    expect(again).not.toBe(name);
    expect(documents.at(-1)).toMatchObject({
      name: again,
      tasksTotal: 2,
      commandLine: expect.stringContaining('rerun --failed'),
    });
    const { stdout: shown } = await alfred('show', '--json', again);
    expect(JSON.parse(shown).tasks.map((task: { name: string }) => task.name)).toEqual(['bad', 'worse']);
  });

  it('says that there is nothing to run again when no task failed, and schedules nothing', async () => {
    const name = await ended('exit 42', ['warned']);

    const { exitCode, stderr } = await alfred('rerun', '--failed', name);

    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringMatching(/nothing is run again$/) });
    expect((await alfred('ps', '--json', '--all')).stdout.split('\n')).toHaveLength(1);
  });

  it('asks for the jobfile when an image is gone from the engine, and schedules nothing', async () => {
    const jobfile = await desk.job({ script: 'exit 0', tasks: ['only'] });
    // An image of this spec's own: the others' are shared.
    const label = `alfred.spec=${desk.jobName}`;
    await appendFile(join(desk.path, 'Dockerfile'), `LABEL ${label}\n`);
    const { stdout } = await alfred('run', '--json', jobfile);
    const { name } = JSON.parse(stdout.split('\n')[0] ?? '');
    const { docker } = theEngine();
    const filters = { label: [`${LABEL.job}=${name}`] };
    await until(async () => (await docker.listContainers({ all: true, filters })).length === 0);
    for (const { Id } of await docker.listImages({ filters: { label: [label] } })) await docker.getImage(Id).remove();

    const { exitCode, stderr } = await alfred('rerun', name);

    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringMatching(/run the jobfile of \S+ again$/) });
    expect((await alfred('ps', '--json', '--all')).stdout.split('\n')).toHaveLength(1);
  });
});
