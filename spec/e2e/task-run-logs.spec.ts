/** What a step prints is in its log: every byte, in order, with a timestamp per line, however it was printed. */
import { expect, it } from 'vitest';
import type { TaskRun } from '../../src/domain/task.ts';
import { type DockerTasks, dockerTasks } from '../support/docker-tasks.ts';
import { describeOnEngine } from '../support/engine.ts';
import { scriptImage } from '../support/images.ts';

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(Z|[+-]\d\d:\d\d) /;

/** The log's lines without their timestamps, as bytes; every line must have one. */
const printed = (log: Buffer | null): Buffer => {
  const lines = (log ?? Buffer.alloc(0)).toString('latin1').split('\n');
  const texts = lines.map((line, index) => {
    const isEnd = index === lines.length - 1 && line === '';
    if (!isEnd && !TIMESTAMP.test(line)) throw new Error(`line ${index + 1} has no timestamp: ${line.slice(0, 80)}`);
    return line.replace(TIMESTAMP, '');
  });
  return Buffer.from(texts.join('\n'), 'latin1');
};

/** Runs one step to its end; what is in its log. */
const runScript = async (tasks: DockerTasks, script: string): Promise<Buffer> => {
  const task = tasks.task({ steps: [await scriptImage(script)] });
  await tasks.runner.run(task, new AbortController().signal);
  const log = printed(await logOf(tasks, task));
  await tasks.runner.cleanUp(task);
  return log;
};

const logOf = (tasks: DockerTasks, task: TaskRun): Promise<Buffer | null> => tasks.read(task, 'output/unit-step-1.log');

describeOnEngine("a step's log", () => {
  it('has everything that forty containers print in their one millisecond', async () => {
    await using tasks = await dockerTasks();
    const image = await scriptImage('printf "one\\ntwo\\n\\nlast"');
    const steps = Array.from({ length: 10 }, () => image);
    const logs = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const task = tasks.task({ steps });
        await tasks.run(task);
        return await tasks.artifact(task);
      }),
    );
    const texts = logs.flatMap(files => Array.from(files?.values() ?? [], log => printed(Buffer.from(log)).toString()));
    expect(texts).toEqual(Array(40).fill('one\ntwo\n\nlast'));
  });

  it('has a line of 1 MB as one line', async () => {
    await using tasks = await dockerTasks();
    const log = await runScript(tasks, 'head -c 1000000 /dev/zero | tr "\\0" x; echo; echo after');
    expect(log.length).toBe(1_000_000 + '\nafter\n'.length);
    expect(log.subarray(-8).toString()).toBe('x\nafter\n');
  });

  it('ends a last line of 1 MB as the step did', async () => {
    await using tasks = await dockerTasks();
    const log = await runScript(tasks, 'head -c 1000000 /dev/zero | tr "\\0" x; echo');
    expect(log.length).toBe(1_000_001);
  });

  it.each([16_383, 16_384, 16_385, 32_768])('has a line of %i bytes as it was printed', async length => {
    await using tasks = await dockerTasks();
    const log = await runScript(tasks, `head -c ${length} /dev/zero | tr "\\0" x; echo; echo after`);
    expect(log.toString()).toBe(`${'x'.repeat(length)}\nafter\n`);
  });

  it('has bytes that are no text', async () => {
    await using tasks = await dockerTasks();
    const bytes = Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 7 + (index >> 8)) % 256));
    const log = await runScript(tasks, `echo ${bytes.toString('base64')} | base64 -d`);
    expect(log.equals(bytes)).toBe(true);
  });

  it('keeps the long lines of stdout and stderr apart', async () => {
    await using tasks = await dockerTasks();
    const long = (letter: string): string => `head -c 40000 /dev/zero | tr "\\0" ${letter}; echo`;
    const script = `(for i in 1 2 3 4 5 6 7 8; do ${long('o')}; done) & (for i in 1 2 3 4 5 6 7 8; do ${long('e')}; done) >&2; wait`;
    const lines = (await runScript(tasks, script)).toString().trimEnd().split('\n');
    expect(lines.toSorted()).toEqual([...Array(8).fill('e'.repeat(40_000)), ...Array(8).fill('o'.repeat(40_000))]);
  });

  it('has all of fifty thousand lines that come as fast as they can', async () => {
    await using tasks = await dockerTasks();
    const log = await runScript(tasks, 'seq 1 50000');
    expect(log.toString() === Array.from({ length: 50_000 }, (_, index) => `${index + 1}\n`).join('')).toBe(true);
  });

  it('goes on at the byte where a crash cut it', async () => {
    await using tasks = await dockerTasks();
    const script = 'i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo line $i; echo error $i >&2; usleep 30000; done; printf end';
    const task = tasks.task({ steps: [await scriptImage(script)] });
    await tasks.crash(task, () => tasks.sees(task, 'output/unit-step-1.log', 'line 20\n'));
    const atCrash = (await logOf(tasks, task)) ?? Buffer.alloc(0);
    expect(await tasks.runner.run(task, new AbortController().signal)).toEqual({ type: 'exited', code: 0 });
    const log = (await logOf(tasks, task)) ?? Buffer.alloc(0);
    await tasks.runner.cleanUp(task);

    expect(log.subarray(0, atCrash.length).equals(atCrash)).toBe(true);
    const numbers = Array.from({ length: 60 }, (_, index) => index + 1);
    const lines = printed(log).toString().split('\n');
    expect(lines.filter(line => line.startsWith('line'))).toEqual(numbers.map(number => `line ${number}`));
    expect(lines.filter(line => line.startsWith('error'))).toEqual(numbers.map(number => `error ${number}`));
    expect(lines.at(-1)).toBe('end');
  });
});
