import { concat, NEVER, of } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { type AlfredClient, ServerRefusedError, ServerUnreachableError } from '../../../src/rpc/client-port.ts';
import { createVirtualTime } from '../../support/virtual-time.ts';
import { alfred, startAlfred, type World } from '../support/alfred.ts';
import { at, completed, failed, finished, job, queued, running, seconds } from '../support/jobs.ts';
import { openScreen } from '../support/screen.ts';

// The first command loads what commands need, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 20_000 });

const nightly = finished([completed('build'), failed('e2e'), queued('never')]);
const JOB = nightly.name;

const LOGS: Readonly<Record<string, string>> = {
  build: '==> build-step-1.log <==\n2026-01-15T12:00:01Z compiling\n2026-01-15T12:00:03.5Z \u001b[32mdone\u001b[0m\n',
  e2e: '==> e2e-step-1.log <==\n2026-01-15T12:00:02Z starting\n\n==> e2e-step-2.log <==\n2026-01-15T12:00:03.51Z error: 500\n',
};

const readLogs: AlfredClient['readLogs'] = async function* (_job, task) {
  const log = LOGS[task];
  if (log === undefined) throw new ServerRefusedError(`${task} left nothing`, 'notFound');
  // As the network cuts it.
  for (let start = 0; start < log.length; start += 7) yield Buffer.from(log.slice(start, start + 7));
};

const world = (client: Partial<AlfredClient> = {}, status = nightly): World => {
  const { time } = createVirtualTime();
  const clock = Object.assign(time.scheduler, { now: () => at(seconds(5)) });
  return { client: { watchJob: () => concat(of(status), NEVER), readLogs, ...client }, doors: { clock } };
};

const logs = async (...argv: readonly string[]): Promise<string> => (await alfred(['logs', JOB, ...argv], world())).stdout;

describe('alfred logs', () => {
  it('prints what a task wrote, byte for byte', async () => expect(await logs('e2e')).toBe(LOGS.e2e));

  it('asks for 100 lines, for as many as -n says, or for all where lines are picked', async () => {
    const asked: number[] = [];
    const record: AlfredClient['readLogs'] = async function* (_job, _task, { tailLines }) {
      asked.push(tailLines);
      yield Buffer.from('x\n');
    };
    for (const flags of [[], ['-n', '7'], ['--grep', 'x'], ['--since', '1h', '-n', '7']])
      await alfred(['logs', JOB, 'e2e', ...flags], world({ readLogs: record }));
    expect(asked).toStrictEqual([100, 7, 2 ** 31 - 1, 7]);
  });

  it('merges the logs of all tasks by time, each line with the name of its task', async () => {
    expect(`\n${await logs()}`).toMatchInlineSnapshot(`
      "
      build │ 2026-01-15T12:00:01Z compiling
      e2e   │ 2026-01-15T12:00:02Z starting
      build │ 2026-01-15T12:00:03.5Z done
      e2e   │ 2026-01-15T12:00:03.51Z error: 500
      "
    `);
  });

  it('gives each task a colour of its own on a terminal', async () => {
    const screen = openScreen();
    const written = vi.spyOn(screen.stream, 'write');
    await alfred(['logs', JOB], { ...world(), io: { stdout: screen.stream } });
    const lines = written.mock.calls.map(([chunk]) => String(chunk));
    expect(lines[0]).toContain('\u001b[36mbuild │');
    expect(lines[1]).toContain('\u001b[33me2e   │');
  });

  it('shows only what failed with --failed', async () => {
    expect(await logs('--failed')).toBe('2026-01-15T12:00:02Z starting\n2026-01-15T12:00:03.51Z error: 500\n');
  });

  it('shows only lines that match, that are young enough, and leaves their times out', async () => {
    expect(await logs('--grep', 'error|done', '--no-timestamps')).toBe('build │ done\ne2e   │ error: 500\n');
    expect(await logs('e2e', '--since', '2s', '--no-timestamps')).toBe('error: 500\n');
  });

  it('prints a document per line with --json', async () => {
    const documents = (await logs('e2e', '--json'))
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(documents).toStrictEqual([
      { job: JOB, task: 'e2e', file: 'e2e-step-1.log', timestamp: '2026-01-15T12:00:02Z', text: 'starting' },
      { job: JOB, task: 'e2e', file: 'e2e-step-2.log', timestamp: '2026-01-15T12:00:03.51Z', text: 'error: 500' },
    ]);
  });

  it('follows all tasks at once, and ends with the last of them', async () => {
    const pushes = new Map<string, (text: string | null) => void>();
    const live: AlfredClient['readLogs'] = async function* (_job, task, { follow }) {
      expect(follow).toBe(true);
      for (;;) {
        const text = await new Promise<string | null>(resolve => pushes.set(task, resolve));
        if (text === null) return;
        yield Buffer.from(text);
      }
    };
    const run = startAlfred(['logs', '-f', JOB], world({ readLogs: live }, job([running('one'), running('two')])));
    const push = async (task: string, text: string | null): Promise<void> => {
      await expect.poll(() => pushes.has(task), { timeout: 10_000 }).toBe(true);
      const send = pushes.get(task);
      pushes.delete(task);
      send?.(text);
    };
    await push('two', '2026-01-15T12:00:02Z second\n');
    await push('one', '2026-01-15T12:00:01Z first\n');
    await expect.poll(run.stdout, { timeout: 10_000 }).toContain('first');
    await push('one', null);
    await push('two', null);
    expect(await run.exitCode).toBe(0);
    expect(run.stdout()).toBe('two │ 2026-01-15T12:00:02Z second\none │ 2026-01-15T12:00:01Z first\n');
  });

  it('ends all of them when one breaks off, and exits 3', async () => {
    const live: AlfredClient['readLogs'] = async function* (_job, task, _query, signal) {
      if (task === 'one') throw new ServerUnreachableError('broken pipe');
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      yield Buffer.alloc(0);
    };
    const { exitCode, stderr } = await alfred(
      ['--remote', 'ci', 'logs', '-f', JOB],
      world({ readLogs: live }, job([running('one'), running('two')])),
    );
    expect([exitCode, stderr]).toStrictEqual([3, 'alfred: broken pipe\n']);
  });

  it('ends on Ctrl+C while it follows, and has nothing to say about it', async () => {
    const reading = Promise.withResolvers<void>();
    const forEver: AlfredClient['readLogs'] = async function* (_job, _task, _query, signal) {
      reading.resolve();
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      yield Buffer.alloc(0);
    };
    const run = startAlfred(['tail', '-f', JOB, 'e2e'], world({ readLogs: forEver }));
    await reading.promise;
    run.interrupt();
    expect(await run.exitCode).toBe(130);
    expect(run.stderr()).toBe('');
  });

  it('of a task that left nothing exits 3', async () => {
    const { exitCode, stderr } = await alfred(['logs', JOB, 'never'], world());
    expect([exitCode, stderr]).toStrictEqual([3, 'alfred: never left nothing\n']);
  });

  it.each([
    [['--since', 'yesterday'], /'yesterday' is invalid: "yesterday" is no duration: /],
    [['--grep', '('], /'\(' is invalid: Invalid regular expression: /],
    [['-n', '0'], /'0' is invalid: expected a number from 1; see alfred logs --help/],
  ])('refuses %j', async (flags, message) => {
    const { exitCode, stderr } = await alfred(['logs', JOB, ...flags]);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(2);
  });
});
