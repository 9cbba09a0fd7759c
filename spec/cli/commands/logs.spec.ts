import { concat, NEVER, of } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import type { LogPiece, LogPosition } from '../../../src/domain/task-log.ts';
import { type AlfredClient, ServerRefusedError, ServerUnreachableError } from '../../../src/rpc/client-port.ts';
import { logText } from '../../support/log-text.ts';
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
  for (let start = 0; start < log.length; start += 7) yield logText(log.slice(start, start + 7));
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
      yield logText('x\n');
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
        yield logText(text);
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
      yield logText('');
    };
    const { exitCode, stderr } = await alfred(
      ['--remote', 'ci', 'logs', '-f', JOB],
      world({ readLogs: live }, job([running('one'), running('two')])),
    );
    expect([exitCode, stderr]).toStrictEqual([3, 'alfred: broken pipe\n']);
  });

  describe('when the connection is lost', () => {
    const FILE = 'one-step-1.log';
    const HEADING = `==> ${FILE} <==\n`;
    const at = (offset: number) => ({ file: FILE, offset });
    const lost = (): never => {
      throw new ServerUnreachableError('connection refused');
    };

    /** A server that answers each call in turn; the last one ends the log. */
    const answering = (...answers: readonly (() => Iterable<LogPiece>)[]) => {
      const asked: (readonly LogPosition[] | undefined)[] = [];
      const live: AlfredClient['readLogs'] = async function* (_job, _task, { seen }) {
        const answer = answers[asked.length];
        asked.push(seen);
        yield* answer?.() ?? [];
      };
      return { asked, live };
    };

    /** Runs a command whose server is lost for a while, as fast as its clock is turned. */
    const follow = async (argv: readonly string[], live: AlfredClient['readLogs'], tasks = [running('one')]) => {
      const { time, advance } = createVirtualTime();
      const { client } = world({ readLogs: live }, job(tasks));
      const run = startAlfred(['--remote', 'ci', 'logs', '-f', JOB, ...argv], {
        client: client ?? {},
        doors: { clock: time.scheduler },
      });
      let isOver = false;
      void run.exitCode.finally(() => {
        isOver = true;
      });
      while (!isOver) await advance(1_000);
      return { exitCode: await run.exitCode, stdout: run.stdout(), stderr: run.stderr() };
    };

    it('goes on where it was when the server is back, and says so on stderr', async () => {
      const { asked, live } = answering(
        function* () {
          yield logText(HEADING, at(0));
          yield logText('2026-01-15T12:00:01Z fi', at(23));
          lost();
        },
        lost,
        function* () {
          yield logText('', at(23));
          yield logText('rst\n', at(27));
          lost();
        },
        function* () {
          yield logText('2026-01-15T12:00:02Z second\n', at(55));
        },
      );
      expect(await follow(['one'], live)).toStrictEqual({
        exitCode: 0,
        stdout: `${HEADING}2026-01-15T12:00:01Z first\n2026-01-15T12:00:02Z second\n`,
        stderr: [
          'connection lost, trying again in 1s: connection refused',
          'connected again',
          'connection lost, trying again in 1s: connection refused',
          'connected again',
          '',
        ].join('\n'),
      });
      expect(asked).toStrictEqual([[], [at(23)], [at(23)], [at(27)]]);
    });

    it('puts lines together that were cut in two, and goes on picking', async () => {
      const { live } = answering(
        function* () {
          yield logText(`${HEADING}2026-01-15T12:00:01Z err`, at(25));
          lost();
        },
        function* () {
          yield logText('or: 500\n2026-01-15T12:00:02Z fine\n2026-01-15T12:00:03Z error: 501\n', at(90));
        },
      );
      const { stdout } = await follow(['one', '--grep', '^error', '--no-timestamps'], live);
      expect(stdout).toBe('error: 500\nerror: 501\n');
    });

    it('says it once, however many tasks are followed', async () => {
      const calls = new Map<string, number>();
      const live: AlfredClient['readLogs'] = async function* (_job, task) {
        const call = (calls.get(task) ?? 0) + 1;
        calls.set(task, call);
        yield logText(`2026-01-15T12:00:0${call}Z ${task} ${call}\n`, { file: `${task}-step-1.log`, offset: call });
        if (call === 1) lost();
      };
      const { stdout, stderr } = await follow([], live, [running('one'), running('two')]);
      expect(stdout.split('\n').sort()).toStrictEqual([
        '',
        'one │ 2026-01-15T12:00:01Z one 1',
        'one │ 2026-01-15T12:00:02Z one 2',
        'two │ 2026-01-15T12:00:01Z two 1',
        'two │ 2026-01-15T12:00:02Z two 2',
      ]);
      expect(stderr).toBe('connection lost, trying again in 1s: connection refused\nconnected again\n');
    });

    it('gives up when the server stays away for a quarter of an hour', async () => {
      const { asked, live } = answering(
        function* () {
          yield logText(HEADING, at(0));
          lost();
        },
        ...Array.from({ length: 40 }, () => lost),
      );
      const { exitCode, stderr } = await follow(['one'], live);
      expect([exitCode, stderr.split('\n').at(-2)]).toStrictEqual([3, 'alfred: connection refused']);
      expect(asked).toHaveLength(33);
    });

    it('exits 3 with one line when the server does not say where its logs stand, as older ones', async () => {
      const { live } = answering(function* () {
        yield logText(HEADING);
        lost();
      });
      const { exitCode, stderr } = await follow(['one'], live);
      expect([exitCode, stderr]).toStrictEqual([3, 'alfred: connection refused\n']);
    });

    it('prints nothing twice when the server that is back is an older one', async () => {
      const { live } = answering(
        function* () {
          yield logText(`${HEADING}one\n`, at(4));
          lost();
        },
        function* () {
          yield logText(`${HEADING}one\n`);
        },
      );
      const { exitCode, stdout, stderr } = await follow(['one'], live);
      expect([exitCode, stdout]).toStrictEqual([3, `${HEADING}one\n`]);
      expect(stderr).toContain('alfred: the server that is back is an older one');
    });
  });

  it('ends on Ctrl+C while it follows, and has nothing to say about it', async () => {
    const reading = Promise.withResolvers<void>();
    const forEver: AlfredClient['readLogs'] = async function* (_job, _task, _query, signal) {
      reading.resolve();
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      yield logText('');
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
