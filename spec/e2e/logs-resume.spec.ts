/** `alfred logs -f` over a server that is killed and a line that is cut: every byte once, as if nothing had happened. */
import { glob, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { filesIn } from '../support/artifact.ts';
import type { Program } from '../support/binary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { describeOnEngine } from '../support/engine.ts';
import { openServer, type ServerLives } from '../support/server-lives.ts';
import { until } from '../support/until.ts';
import { openWire, type Wire } from '../support/wire.ts';

/** Counts until somebody makes the file `go` in the task's shared folder, then some more, in two steps. */
const COUNT = `
  n=0
  until [ -e "$ALFRED_SHARED/go" ]; do n=$((n + 1)); echo "line $n of $ALFRED_TASK"; sleep 0.02; done
  last=$((n + 500))
  while [ $n -lt $last ]; do n=$((n + 1)); echo "line $n of $ALFRED_TASK"; done
  printf 'the end, without a newline'`;

let desk: Desk;
let server: ServerLives;
let wire: Wire;

beforeEach(async () => {
  desk = await openDesk();
  server = await openServer({ flags: ['--slots-per-node', '2', '--max-nodes', '1'] });
  wire = await openWire(server.remote.replace('unix:', ''));
});

afterEach(async () => {
  await wire[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await desk[Symbol.asyncDispose]();
});

const alfred = (...args: readonly string[]): Program => desk.alfred(['--remote', server.remote, ...args]);

/** A job whose tasks count; its full name. */
const begin = async (...tasks: readonly string[]): Promise<string> => {
  const run = alfred('run', await desk.job({ script: COUNT, steps: 2, tasks }));
  const name = await spoken(run, /scheduled (\S+):/);
  run.kill('SIGINT');
  await run;
  return name;
};

const letGo = async (): Promise<void> => {
  for await (const shared of glob(join(server.workspace, '**/shared'))) await writeFile(join(shared, 'go'), '');
};

/** What the first group matches in what the program has said so far, as soon as it does. */
const spoken = async (program: Program, pattern: RegExp): Promise<string> => {
  let found: string | undefined;
  let text = '';
  program.all.on('data', chunk => {
    text += chunk;
  });
  await until(async () => {
    found = pattern.exec(text)?.[1];
    return found !== undefined;
  });
  return found ?? '';
};

/** Counts what a program prints from now on. */
const newLines = async (program: Program, lines: number): Promise<void> => {
  let seen = 0;
  program.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString().split('\n').length - 1;
  });
  await until(async () => seen >= lines);
};

/** The log as `logs` prints it, byte for byte, out of the artifact. */
const wholeLog = async (job: string, task: string): Promise<string> => {
  expect(await alfred('artifact', job, task, '-o', desk.path)).toMatchObject({ exitCode: 0 });
  const files = await filesIn(join(desk.path, `${task}.tar.zst`));
  const logs = Object.entries(files).filter(([name]) => name.endsWith('.log'));
  return logs.map(([name, text]) => `==> ${name} <==\n${text}`).join('\n');
};

const follow = (...args: readonly string[]): Program =>
  desk.alfred(['--remote', `127.0.0.1:${wire.port}`, 'logs', '-f', ...args]);

const raw = async (program: Program) => {
  const { exitCode, stdout, stderr } = await program;
  return { exitCode, stdout, stderr };
};

describeOnEngine('a log that is followed', () => {
  it('has every line once, though the server is killed twice and the line is cut', { timeout: 180_000 }, async () => {
    const job = await begin('count');
    const logs = follow(job, 'count', '-n', '1000000');
    for (let life = 1; life <= 2; life += 1) {
      await newLines(logs, 20);
      await server.kill();
      await server.start();
    }
    await newLines(logs, 20);
    wire.cut();
    await newLines(logs, 20);
    await letGo();

    const { exitCode, stdout, stderr } = await raw(logs);
    expect(exitCode, stderr).toBe(0);
    const numbers = [...stdout.matchAll(/ line (\d+) of count/g)].map(([, number]) => Number(number));
    const firstOfSecondStep = numbers.lastIndexOf(1);
    for (const step of [numbers.slice(0, firstOfSecondStep), numbers.slice(firstOfSecondStep)])
      expect(step).toStrictEqual(Array.from({ length: step.length }, (_, index) => index + 1));
    expect(stdout).toBe((await wholeLog(job, 'count')).trimEnd());
    expect(stderr.match(/connection lost/g)).toHaveLength(3);
    expect(stderr.match(/connected again/g)).toHaveLength(3);
  });

  it('goes on out of the artifact when the task ended while the line was down', { timeout: 180_000 }, async () => {
    const job = await begin('count');
    const logs = follow(job, 'count', '-n', '1000000');
    await newLines(logs, 20);
    wire.setOpen(false);
    wire.cut();
    await letGo();
    await alfred('watch', job);
    wire.setOpen(true);

    const { exitCode, stdout, stderr } = await raw(logs);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toBe((await wholeLog(job, 'count')).trimEnd());
  });

  it('of several tasks, one of them still queued, is picked from as if nothing had happened', { timeout: 180_000 }, async () => {
    const job = await begin('one', 'two', 'three');
    const logs = follow(job, '--grep', 'line .* of', '--no-timestamps');
    await newLines(logs, 40);
    await server.kill();
    await server.start();
    await newLines(logs, 40);
    let isOver = false;
    void logs.finally(() => {
      isOver = true;
    });
    // The third has its folder only when it gets its turn.
    await until(async () => {
      await letGo();
      return isOver;
    });

    const { exitCode, stdout, stderr } = await raw(logs);
    expect(exitCode, stderr).toBe(0);
    for (const task of ['one', 'two', 'three']) {
      const expected = (await wholeLog(job, task)).split('\n').flatMap(line => / (line \d+ of \w+)$/.exec(line)?.[1] ?? []);
      const followed = stdout.split('\n').flatMap(line => (line.startsWith(task) ? (/│ (.*)$/.exec(line)?.[1] ?? []) : []));
      expect(followed).toStrictEqual(expected);
    }
  });
});
