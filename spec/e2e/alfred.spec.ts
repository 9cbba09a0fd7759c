/** The built programs as their users meet them: a job, a real engine, a server in another terminal or none at all. */
import { glob, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { alfredServer, type Program, said, startServer, type TestServer } from '../support/binary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { describeOnEngine } from '../support/engine.ts';
import { until } from '../support/until.ts';

/** Goes on until somebody makes the file `go` in the task's shared folder. */
const UNTIL_GO = 'echo begun; until [ -e "$ALFRED_SHARED/go" ]; do sleep 0.1; done';

/** Goes on until it is told to stop, says so, and does. */
const UNTIL_STOPPED = 'trap "echo told to stop; exit 9" TERM; echo begun; while true; do sleep 0.1; done';

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});

afterEach(() => desk[Symbol.asyncDispose]());

/** An artifact's tar as text: the names and the contents of its files. */
const textOf = async (artifact: string): Promise<string> =>
  (await promisify(zstdDecompress)(await readFile(artifact))).toString();

/** Waits until a step has begun to write its log, in whatever workspace is below the folder. */
const aStepHasBegun = (folder: string): Promise<void> =>
  until(async () => {
    for await (const log of glob(join(folder, '**/output/*-step-1.log'))) if ((await readFile(log)).length > 0) return true;
    return false;
  });

describeOnEngine('alfred with a server', () => {
  let server: TestServer;

  beforeEach(async () => {
    server = await startServer('--task-startup-delay', '0s');
  });

  // Before the desk's, which counts what is left: a task's clean-up may still be under way when its job is over.
  afterEach(() => server[Symbol.asyncDispose]());

  const alfred = (...args: readonly string[]): Program => desk.alfred(['--remote', server.remote, ...args]);

  const letGo = async (): Promise<void> => {
    for await (const shared of glob(join(server.workspace, '**/shared'))) await writeFile(join(shared, 'go'), '');
  };

  it('runs a job to its end, brings its artifacts and exits 0', async () => {
    const script = 'echo "hello from $ALFRED_TASK"; echo made > "$ALFRED_OUTPUT/by-$ALFRED_TASK"';
    const job = await desk.job({ script, tasks: ['one', 'two', 'three'] });

    const { exitCode, stderr } = await alfred('run', job, '--artifacts', 'artifacts');

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringContaining('3/3') });
    const artifacts = join(desk.path, 'artifacts');
    expect((await readdir(artifacts)).sort()).toEqual(['one.tar.zst', 'three.tar.zst', 'two.tar.zst']);
    const artifact = await textOf(join(artifacts, 'two.tar.zst'));
    for (const part of ['two-step-1.log', 'hello from two', 'by-two', 'made']) expect(artifact).toContain(part);
  });

  it.each([
    { worst: 'failed', code: 7, exitCode: 1 },
    { worst: 'had warnings', code: 42, exitCode: 42 },
    { worst: 'was skipped', code: 43, exitCode: 43 },
  ])('exits $exitCode when the worst of its tasks $worst', async ({ code, exitCode }) => {
    const job = await desk.job({ script: `[ $ALFRED_TASK = good ] || exit ${code}`, tasks: ['good', 'other'] });

    expect(await alfred('run', job)).toMatchObject({ exitCode });
  });

  it('shows which task failed, how, and its last words', async () => {
    const job = await desk.job({ script: 'echo "no space left on device"; exit 7', tasks: ['packing'] });

    const { stderr } = await alfred('run', job);

    expect(stderr).toMatch(/packing failed: .*7/);
    expect(stderr).toContain('no space left on device');
  });

  it('leaves the job running on Ctrl+C, exits 130 and says how to get back to it', async () => {
    const run = alfred('run', await desk.job({ script: UNTIL_GO, tasks: ['patient'] }));
    await aStepHasBegun(server.workspace);

    run.kill('SIGINT');

    const { exitCode, stderr } = await run;
    expect(exitCode).toBe(130);
    const [, name = ''] = /watch (\S+)/.exec(stderr) ?? [];
    expect(stderr).toMatch(new RegExp(`cancel ${name}$`, 'm'));
    await letGo();
    expect(await alfred('watch', name)).toMatchObject({ exitCode: 0 });
  });

  it('sees the job aborted when the server is told to stop, which exits 0 once everything is gone', async () => {
    const run = alfred('run', await desk.job({ script: UNTIL_STOPPED, tasks: ['one', 'two', 'three', 'four', 'five', 'six'] }));
    await aStepHasBegun(server.workspace);

    const stopped = server.stop();

    expect(await run).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/aborted/) });
    expect(await stopped).toMatchObject({ exitCode: 0 });
    expect(await readdir(server.workspace)).toEqual([]);
  });

  it('is told the versions of both sides', async () => {
    const { exitCode, stdout } = await alfred('version');

    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^client {2}\d+\.\d+\.\d+ \([0-9a-f]{7,}(-dirty)?\)\nserver {2}\d+\.\d+\.\d+ \(.*\)$/),
    });
  });
});

describeOnEngine('alfred --local', () => {
  const run = (job: string): Program => desk.alfred(['run', '--local', job]);

  const artifactsIn = (stderr: string): string => join(desk.path, /artifacts? in (\S+)\//.exec(stderr)?.[1] ?? '');

  it('runs a job without any server, keeps the artifacts and exits 0', async () => {
    const { exitCode, stderr } = await run(await desk.job({ script: 'echo "hello from $ALFRED_TASK"', tasks: ['one', 'two'] }));

    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(await textOf(join(artifactsIn(stderr), 'two.tar.zst'))).toContain('hello from two');
  });

  it('exits as the job ended', async () => {
    expect(await run(await desk.job({ script: 'exit 43', tasks: ['lazy'] }))).toMatchObject({ exitCode: 43 });
  });

  it.each([
    { moment: 'while it builds', words: /building/ },
    { moment: 'when the job is scheduled', words: /scheduled/ },
    { moment: 'when a task gets under way', words: /one running/ },
  ])('cancels the job on Ctrl+C $moment, cleans up and exits 130', async ({ words }) => {
    const running = run(await desk.job({ script: UNTIL_STOPPED, tasks: ['one', 'two', 'three'] }));
    await said(running, words);

    running.kill('SIGINT');

    expect(await running).toMatchObject({ exitCode: 130 });
  });

  it('stops the steps that run on Ctrl+C, and saves what they had made', async () => {
    const running = run(await desk.job({ script: UNTIL_STOPPED, tasks: ['one'] }));
    await aStepHasBegun(desk.path);

    running.kill('SIGINT');

    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(130);
    const artifact = await textOf(join(artifactsIn(stderr), 'one.tar.zst'));
    for (const part of ['one-step-1.log', 'begun', 'told to stop']) expect(artifact).toContain(part);
  });
});

describeOnEngine('alfred-server', () => {
  it.each([
    ['an unknown flag', ['--max-node', '3'], /max-node/],
    ['a value out of range', ['--slots-per-node', '0'], /slots-per-node/],
    ['a folder that it cannot use', ['--server-data', '/dev/null/data'], /server-data/],
    ['a provisioner that does not exist', ['--provisioner', 'abacus'], /provisioner/],
  ])('refuses %s with one line and exit 2', async (_, flags, words) => {
    const { exitCode, stderr } = await alfredServer(['--listen', `unix:${desk.path}/sock`, ...flags]);

    expect({ exitCode, lines: stderr.split('\n') }).toEqual({ exitCode: 2, lines: [expect.stringMatching(words)] });
  });
});
