/** What every kind of node does for a task, wherever it is: the built programs, seen from the outside alone. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { filesIn, withoutTimestamps } from '../support/artifact.ts';
import type { Program } from '../support/binary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { leftOnEngine } from '../support/engine.ts';
import { openServer, type ServerLives } from '../support/server-lives.ts';
import { until } from '../support/until.ts';

/** A way to make nodes, and to see what is left of them. */
export type NodeUnderTest = AsyncDisposable & {
  /** Of a server whose nodes are of this kind: one node, two slots. */
  readonly flags: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** An image of redis that the nodes have or can pull. */
  readonly redis: string;
  /** What this server's instance has left on its nodes, and of its nodes. */
  left(instance: string): Promise<readonly string[]>;
};

const LINES = 50;

/** Numbered lines in bursts; goes on after the first burst when somebody makes the file `go`. */
const COUNT = `
  n=0
  while [ $n -lt ${LINES} ]; do n=$((n + 1)); echo "line $n"; [ $n != 10 ] || until [ -e "$ALFRED_SHARED/go" ]; do sleep 0.1; done; done
  printf 'the end, without a newline'`;

const COUNTED = `${Array.from({ length: LINES }, (_, n) => `line ${n + 1}\n`).join('')}the end, without a newline`;

/** Goes on until it is told to stop, says so, and does. */
const UNTIL_STOPPED =
  'trap "echo told to stop; exit 9" TERM; echo begun > "$ALFRED_OUTPUT/made"; echo begun; while true; do sleep 0.1; done';

export const nodeContract = (
  name: string,
  suite: (title: string, specs: () => void) => void,
  open: () => Promise<NodeUnderTest>,
  /** How long the first node may take to come up. */
  limitMs = 120_000,
): void => {
  suite(`${name}, a node for tasks`, () => {
    let node: NodeUnderTest;
    let server: ServerLives;
    let desk: Desk;

    beforeAll(async () => {
      node = await open();
      server = await openServer({ flags: node.flags, ...(node.env && { env: node.env }) });
    }, limitMs);

    afterAll(async () => {
      const instance = await server.instance();
      const { exitCode, log } = await server.stop();
      const left = await node.left(instance);
      await server[Symbol.asyncDispose]();
      await node[Symbol.asyncDispose]();
      expect({ exitCode, left }, log).toEqual({ exitCode: 0, left: [] });
    }, limitMs);

    beforeEach(async () => {
      desk = await openDesk();
    });

    afterEach(async () => {
      // A task's clean-up goes on for a moment after its job is over.
      const instance = await server.instance();
      await until(async () => [...(await filesOfTasks()), ...(await leftOnEngine(instance))].length === 0);
      await desk[Symbol.asyncDispose]();
    });

    /** On this machine: all that tasks have, or, where their node is another one, their logs. */
    const filesOfTasks = async (): Promise<readonly string[]> => {
      const folders = [server.workspace, join(server.data, 'logs')];
      return (await Promise.all(folders.map(folder => readdir(folder).catch(() => [])))).flat();
    };

    const alfred = (...args: readonly string[]): Program => desk.alfred(['--remote', server.remote, ...args]);

    const submit = async (jobfile: string): Promise<string> => {
      const { stdout, stderr, exitCode } = await alfred('run', '--async', jobfile);
      expect(exitCode, stderr).toBe(0);
      return stdout;
    };

    /** Resolves once the task's log has this line. */
    const logged = (job: string, task: string, line: string): Promise<void> =>
      until(async () => (await alfred('logs', job, task)).stdout.includes(line), limitMs);

    const inTask = (job: string, task: string, script: string): Program =>
      alfred('exec', job, task, '--', '/bin/busybox', 'sh', '-c', script);

    const artifact = async (job: string, task: string): Promise<Readonly<Record<string, string>>> => {
      const { exitCode, stderr } = await alfred('artifact', job, task, '--output', 'artifacts');
      expect(exitCode, stderr).toBe(0);
      return filesIn(join(desk.path, 'artifacts', `${task}.tar.zst`));
    };

    it(
      'runs all steps of all tasks beside their services, and brings the artifacts',
      async () => {
        const jobfile = await desk.job({
          script: `
            echo "$ALFRED_TASK" >> "$ALFRED_SHARED/steps"
            printf 'PING\\r\\n' | nc -w 5 cache 6379
            cp "$ALFRED_SHARED/steps" "$ALFRED_OUTPUT/steps"`,
          steps: 2,
          services: { cache: { image: node.redis, health: { cmd: 'redis-cli ping', interval: '1s', retries: 30 } } },
          tasks: ['one', 'two', 'three'],
        });

        const { exitCode, stderr } = await alfred('run', jobfile, '--artifacts', 'artifacts');

        expect(exitCode, stderr).toBe(0);
        for (const task of ['one', 'two', 'three']) {
          const files = await filesIn(join(desk.path, 'artifacts', `${task}.tar.zst`));
          expect(files.steps).toBe(`${task}\n${task}\n`);
          for (const step of [1, 2]) expect(files[`${task}-step-${step}.log`]).toMatch(/\+PONG\r?\n$/);
        }
      },
      limitMs,
    );

    it(
      'passes on how a step ended',
      async () => {
        const jobfile = await desk.job({ script: 'echo "the last words"; exit 7', tasks: ['bad'] });
        const { exitCode, stderr } = await alfred('run', jobfile);
        expect(exitCode).toBe(1);
        expect(stderr).toMatch(/bad failed: .*7/);
        expect(stderr).toContain('the last words');
      },
      limitMs,
    );

    it(
      'shows what a task writes while it runs, to the last byte, and lets people in',
      async () => {
        const job = await submit(await desk.job({ script: COUNT, tasks: ['unit'] }));
        const following = alfred('logs', '--follow', '--no-timestamps', '--lines', '1000', job, 'unit');
        await logged(job, 'unit', 'line 10');
        const snapshot = await artifact(job, 'unit');
        expect(withoutTimestamps(snapshot['unit-step-1.log'])).toContain('line 10\n');

        expect(await inTask(job, 'unit', 'echo "in $ALFRED_TASK"; touch /alfred/shared/go; exit 5')).toMatchObject({
          exitCode: 5,
          stdout: 'in unit',
        });

        expect(await alfred('watch', job)).toMatchObject({ exitCode: 0 });
        expect((await following).stdout).toContain(COUNTED);
        expect(withoutTimestamps((await artifact(job, 'unit'))['unit-step-1.log'])).toBe(COUNTED);
      },
      limitMs,
    );

    it(
      'stops a task that is cancelled, and keeps what it had made',
      async () => {
        const job = await submit(await desk.job({ script: UNTIL_STOPPED, tasks: ['unit'] }));
        await logged(job, 'unit', 'begun');

        expect(await alfred('cancel', job)).toMatchObject({ exitCode: 0 });

        expect(await alfred('watch', job)).toMatchObject({ exitCode: 1 });
        const files = await artifact(job, 'unit');
        expect(files.made).toBe('begun\n');
        expect(withoutTimestamps(files['unit-step-1.log'])).toBe('begun\ntold to stop\n');
      },
      limitMs,
    );

    it(
      'keeps a failed task for people to look into, until it is cancelled',
      async () => {
        // What waits in its place takes a shell by its usual name.
        const script = 'ln -s /bin/busybox /bin/sh; echo "left by the step" > /left; exit 3';
        const jobfile = await desk.job({ script, tasks: ['unit'] });
        const { stdout: job } = await alfred('run', '--async', '--keep-failed', '10m', jobfile);

        await until(async () => (await inTask(job, 'unit', 'cat /left')).stdout === 'left by the step', limitMs);

        expect(await alfred('cancel', job, 'unit')).toMatchObject({ exitCode: 0 });
        expect(await alfred('watch', job)).toMatchObject({ exitCode: 1 });
      },
      limitMs,
    );

    it(
      'goes on with its tasks when the server is killed and comes back; nothing runs twice, no line is lost',
      async () => {
        const script = `echo "$ALFRED_TASK" >> "$ALFRED_OUTPUT/runs"; ${COUNT}`;
        const job = await submit(
          await desk.job({ script, tasks: ['running', 'queued'].map(task => ({ name: task, slots: 2 })) }),
        );
        await logged(job, 'running', 'line 10');

        await server.kill();
        await server.start();
        await until(async () => (await inTask(job, 'running', 'touch /alfred/shared/go')).exitCode === 0, limitMs);
        await server.kill();
        await server.start();
        await logged(job, 'queued', 'line 10');
        await inTask(job, 'queued', 'touch /alfred/shared/go');

        expect(await alfred('watch', job)).toMatchObject({ exitCode: 0 });
        for (const task of ['running', 'queued']) {
          const files = await artifact(job, task);
          expect(files.runs).toBe(`${task}\n`);
          expect(withoutTimestamps(files[`${task}-step-1.log`])).toBe(COUNTED);
        }
      },
      limitMs,
    );
  });
};
