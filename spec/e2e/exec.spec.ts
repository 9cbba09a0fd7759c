/** Commands in running tasks, with the built programs on a real engine; with a terminal where it takes one. */
import { createHash, randomBytes } from 'node:crypto';
import { glob, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LABEL } from '../../src/docker/names.ts';
import { BIN, type Program, startServer, type TestServer } from '../support/binary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { describeOnEngine, theEngine } from '../support/engine.ts';
import { busyboxImage } from '../support/images.ts';
import { until } from '../support/until.ts';

/** Goes on until somebody makes the file `go` in the task's shared folder. */
const UNTIL_GO = 'echo begun; until [ -e "$ALFRED_SHARED/go" ]; do sleep 0.1; done';

let desk: Desk;
let server: TestServer;

describeOnEngine('alfred exec', () => {
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

  /** The name of a job whose one task, `unit`, has begun and goes on, in an image with all of busybox. */
  const running = async (script = UNTIL_GO): Promise<string> => {
    const jobfile = await desk.job({ script, tasks: ['unit'] });
    await writeFile(
      join(desk.path, 'Dockerfile'),
      `FROM ${await busyboxImage()}\nENTRYPOINT ["sh", "-c", "eval \\"$SCRIPT\\""]\n`,
    );
    const { stdout } = await alfred('run', '--async', jobfile);
    await until(async () => {
      for await (const log of glob(join(server.workspace, '*/output/*-step-1.log')))
        if ((await readFile(log)).length > 0) return true;
      return false;
    });
    return stdout;
  };

  const letGo = async (): Promise<void> => {
    for (const task of await readdir(server.workspace)) await writeFile(join(server.workspace, task, 'shared/go'), '');
  };

  /** With an input of its own. */
  const exec = (input: string | Uint8Array, ...args: readonly string[]) =>
    execa(join(BIN, 'alfred'), ['--remote', server.remote, 'exec', ...args], {
      input,
      encoding: 'buffer',
      stripFinalNewline: false,
      reject: false,
      cwd: desk.path,
    });

  /** The command lines of all processes in the task's container. */
  const processes = async (job: string): Promise<string> => {
    const { docker } = theEngine();
    const [container] = await docker.listContainers({ filters: { label: [`${LABEL.job}=${job}`] } });
    const { Processes } = await docker.getContainer(container?.Id ?? '').top();
    return Processes.map((columns: readonly string[]) => columns.at(-1)).join('\n');
  };

  it('passes bytes of any kind through a command and back, and its exit code on', async () => {
    const job = await running();
    const bytes = randomBytes(8 << 20);

    const { stdout, exitCode } = await exec(bytes, job, 'unit', '--', 'cat');

    expect(exitCode).toBe(0);
    expect(createHash('sha256').update(stdout).digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(await exec('', job, 'unit', '--', 'sh', '-c', 'echo out; echo err >&2; exit 9')).toMatchObject({
      exitCode: 9,
      stdout: new Uint8Array(Buffer.from('out\n')),
      stderr: new Uint8Array(Buffer.from('err\n')),
    });
  });

  it('is a shell with the environment and the workspace of the task, when no command is named', async () => {
    const job = await running();

    const { stdout, exitCode } = await exec('echo "in $ALFRED_TASK"; ls /alfred; exit 4\n', job, 'unit');

    expect({ exitCode, stdout: Buffer.from(stdout).toString() }).toEqual({ exitCode: 4, stdout: 'in unit\noutput\nshared\n' });
  });

  it('is heard of all that a command wrote, when it stops reading its input early', async () => {
    const job = await running();

    const { stdout, exitCode } = await exec(randomBytes(8 << 20), job, 'unit', '--', 'head', '-c', '3000000');

    expect({ exitCode, bytes: stdout.length }).toEqual({ exitCode: 0, bytes: 3_000_000 });
  });

  it('ends what it started when its client is killed', async () => {
    const job = await running();
    const client = alfred('exec', job, 'unit', '--', 'sh', '-c', 'sleep 7777 & sleep 8888');
    await until(async () => /7777.*8888|8888.*7777/s.test(await processes(job)));

    client.kill('SIGKILL');

    await until(async () => !/7777|8888/.test(await processes(job)));
    expect(await processes(job)).toContain('eval "$SCRIPT"');
  });

  it('says that the step ended when it does, and exits 3; and that the task is over after that', async () => {
    const job = await running();
    const inside = alfred('exec', job, 'unit', '--', 'sleep', '1000');
    await until(async () => (await processes(job)).includes('sleep 1000'));

    await letGo();

    expect(await inside).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(/^alfred: the step .* ended.*$/) });
    expect(await alfred('watch', job)).toMatchObject({ exitCode: 0 });
    expect(await alfred('exec', job, 'unit')).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(/has ended/) });
  });

  it('gives a command a terminal: keys one by one, its size, Ctrl+C; and gives the own one back as it was', async () => {
    const job = await running();
    const session = [
      'stty rows 31 cols 97',
      'tty > terminal',
      'stty -g > before',
      `'${join(BIN, 'alfred')}' --remote '${server.remote}' exec ${job} unit`,
      'echo $? > code',
      'stty -g > after',
    ];
    const terminal = execa('script', ['-qfec', session.join('; '), '/dev/null'], { cwd: desk.path, all: true, reject: false });
    let screen = '';
    terminal.all.on('data', chunk => {
      screen += chunk;
    });
    const shows = (pattern: RegExp): Promise<void> => until(async () => pattern.test(screen));
    const type = (text: string) => void terminal.stdin.write(text);

    await shows(/# /);
    type('stty size\r');
    await shows(/31 97/);
    await execa('stty', ['-F', (await readFile(join(desk.path, 'terminal'), 'utf8')).trim(), 'rows', '40', 'cols', '111']);
    await until(async () => {
      type('stty size\r');
      return /40 111/.test(screen);
    });
    type('sleep 5555\r');
    await until(async () => (await processes(job)).includes('sleep 5555'));
    type('\u0003');
    await until(async () => !(await processes(job)).includes('sleep 5555'));
    type('echo "still $((40 + 2))"; exit 6\r');
    await shows(/still 42/);
    await terminal;

    const said = (name: string): Promise<string> => readFile(join(desk.path, name), 'utf8');
    expect(await said('code')).toBe('6\n');
    expect(await said('after')).toBe(await said('before'));
  });
});
