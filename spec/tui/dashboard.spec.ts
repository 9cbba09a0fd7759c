/** The whole dashboard on a terminal: keys go in as bytes, the screen is read cell by cell. */
import { concat, merge, NEVER, type Observable, of, Subject, throwError } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import type { TaskLogQuery } from '../../src/domain/task-log.ts';
import { runDashboard } from '../../src/tui/dashboard.ts';
import type { DashboardClient, ServerStatus } from '../../src/tui/port.ts';
import { logText } from '../support/log-text.ts';
import { createVirtualTime } from '../support/virtual-time.ts';
import { fakeServer } from './support/fake-server.ts';
import { busyServer, elsewhere, job, keptJob, NOW, status, task } from './support/status.ts';
import { keyboard, openTerminal } from './support/terminal.ts';

const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of open.splice(0)) await end();
});

type World = {
  readonly client?: Partial<DashboardClient>;
  readonly color?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

const start = async ({ client = {}, color = true, ...size }: World = {}) => {
  const terminal = openTerminal(size);
  const server = fakeServer(client);
  const { time, advance, now } = createVirtualTime();
  await advance(NOW);
  const quit = new AbortController();
  const ended = runDashboard({
    address: 'ci.example',
    client: server.client,
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    color,
    signal: quit.signal,
    scheduler: time.scheduler,
  });
  ended.catch(() => {});
  open.push(async () => {
    quit.abort(new Error('the spec is over'));
    await ended.catch(() => {});
  });
  await advance(100);
  /** Types, and waits until the answer is on the screen. */
  const type = async (...keys: readonly string[]): Promise<string> => {
    for (const bytes of keys) {
      terminal.type(bytes);
      await advance(100);
    }
    return terminal.text();
  };
  return { terminal, server, advance, now, type, ended, abort: (why: Error) => quit.abort(why) };
};

const { up, down, enter, tab, escape } = {
  up: keyboard('up'),
  down: keyboard('down'),
  enter: keyboard('enter'),
  tab: keyboard('tab'),
  escape: keyboard('escape'),
};

/** Node waits half a second after an Escape, in real time, for the rest of an arrow key; two of them are told apart at once. */
const backOnce = '\u007f';

describe('the dashboard', () => {
  it('shows the server as soon as it answers', async () => {
    const { terminal } = await start();
    const text = await terminal.text();
    expect(text).toContain('Alfred  1.4.0 (26bb24c) up 3d04h on ci.example');
    expect(text).toContain('● live');
    expect(text).toContain('deploy-quiet-lynx');
  });

  it('tells good from bad by colours that any terminal has', async () => {
    const { terminal } = await start();
    expect(await terminal.cellOf('✗2')).toMatchObject({ color: 1, bold: true });
    expect(await terminal.cellOf('✓12')).toMatchObject({ color: 2 });
    expect(await terminal.cellOf('!1')).toMatchObject({ color: 3 });
    expect(await terminal.cellOf('●4')).toMatchObject({ color: 6 });
    expect(await terminal.cellOf('● online')).toMatchObject({ color: 2 });
    expect(await terminal.cellOf('deploy-quiet')).toMatchObject({ color: null, inverse: true });
    expect(await terminal.cellOf('JOBS')).toMatchObject({ color: 6, inverse: true });
    expect(await terminal.cellOf('NODES')).toMatchObject({ color: null, inverse: true, dim: true });
  });

  it('gives a job the same colour in the list and on the nodes', async () => {
    const { terminal, type } = await start();
    await type(tab);
    const { color } = await terminal.cellOf('■ deploy-quiet-lynx');
    expect(color).not.toBeNull();
    expect((await terminal.cellOf('preview')).color).toBe(color);
    expect((await terminal.cellOf('■ integration')).color).not.toBe(color);
  });

  it('does without colours where they are not wanted', async () => {
    const { terminal } = await start({ color: false });
    expect(await terminal.cellOf('✗2')).toMatchObject({ color: null, bold: true });
    expect(await terminal.cellOf('JOBS')).toMatchObject({ color: null, inverse: true });
  });

  it('lines up what follows a name in wide characters', async () => {
    const { terminal } = await start();
    const lines = (await terminal.text()).split('\n');
    const columnOf = async (text: string): Promise<number> => {
      const line = lines.find(candidate => candidate.includes(text)) ?? '';
      const before = line.slice(0, line.indexOf(text));
      return before.length + [...before].filter(character => character > '\u2fff').length;
    };
    expect(await columnOf('13:50')).toBe(await columnOf('14:29'));
  });

  it('follows the server', async () => {
    const { server, advance, terminal } = await start();
    server.status$.next(status([job('brand-new', [task('only', 'running')])]));
    await advance(100);
    const text = await terminal.text();
    expect(text).toContain('brand-new');
    expect(text).not.toContain('deploy-quiet-lynx');
  });

  it('draws a burst of changes once, and nothing when nothing changes but the clocks', async () => {
    const { server, advance, terminal } = await start();
    await advance(1_000);
    const idleFrom = terminal.bytesWritten();
    await advance(10_000);
    const perSecond = (terminal.bytesWritten() - idleFrom) / 10;
    expect(perSecond).toBeLessThan(600);

    const burstFrom = terminal.bytesWritten();
    for (let round = 0; round < 1_000; round++) server.status$.next(round % 2 === 0 ? status([]) : busyServer);
    await advance(60);
    expect(terminal.bytesWritten() - burstFrom).toBeLessThan(10_000);
    expect(await terminal.text()).toContain('deploy-quiet-lynx');
  });

  it('writes nothing at all when not even a clock changes', async () => {
    const quiet = { ...status([]), server: { ...busyServer.server, startedAt: NOW - 90_000_000 } };
    const { advance, terminal } = await start({ client: { watchStatus: () => concat(of(quiet), NEVER) } });
    const before = terminal.bytesWritten();
    await advance(20_000);
    expect(terminal.bytesWritten()).toBe(before);
  });

  it('draws itself anew on a terminal of another size', async () => {
    const { terminal, advance } = await start();
    terminal.resize(160, 50);
    await advance(100);
    const large = await terminal.text();
    expect(large).toContain('PROGRESS');
    expect(large.trimEnd().split('\n')).toHaveLength(50);
    terminal.resize(80, 24);
    await advance(100);
    expect((await terminal.text()).trimEnd().split('\n').at(-1)).toContain('q quit');
  });

  it('draws the screen anew on Ctrl+L, whatever was written over it', async () => {
    const { terminal, type } = await start();
    terminal.stdout.write('\u001b[5;1Hbroadcast message from root');
    expect(await terminal.text()).toContain('broadcast');
    expect(await type('\u000c')).not.toContain('broadcast');
  });
});

describe.each([
  { columns: 80, rows: 24 },
  { columns: 160, rows: 50 },
])('on a terminal of $columns×$rows', size => {
  const on = (server: ServerStatus) => start({ ...size, client: { watchStatus: () => concat(of(server), NEVER) } });

  it('a node that does not answer is red, with since when and why, beside tasks in the colours of their jobs', async () => {
    const { terminal } = await on(elsewhere);
    expect(await terminal.text()).toMatch(/node-1 +\? unreachable +■■ 2\/2 +2m00s: no answer from 10\.77\.0\.12 · preview/);
    expect(await terminal.cellOf('? unreachable')).toMatchObject({ color: 1 });
    expect(await terminal.cellOf('2m00s: no answer')).toMatchObject({ color: 1 });
    const { color } = await terminal.cellOf('■■ 2/2');
    expect(color).not.toBeNull();
    expect(await terminal.cellOf('preview')).toMatchObject({ color });
  });

  it('a node is told from others by what it is busy with, which draws no attention', async () => {
    const { terminal } = await on(elsewhere);
    expect(await terminal.text()).toMatch(/node-2 .* receiving image 3f2a… 43% \(51 MB\/s\) · docs/);
    expect(await terminal.cellOf('● online')).toMatchObject({ color: 2 });
    expect(await terminal.cellOf('receiving image')).toMatchObject({ color: null, dim: true });
    expect(await terminal.cellOf('◐ provisioning')).toMatchObject({ color: 3 });
    expect(await terminal.cellOf('waiting for ssh')).toMatchObject({ color: null, dim: true });
  });

  it('a task that is kept says for how much longer, in the colour of its failure, and can be let go of', async () => {
    const { terminal, type, advance } = await on(keptJob);
    expect(await type(enter, down)).toMatch(/api +✗ failed .* exit code 3, kept 14m31s/);
    expect(await terminal.cellOf('exit code 3, kept')).toMatchObject({ color: 1 });
    expect(await terminal.cellOf('kept 1m04s')).toMatchObject({ color: 1 });
    await advance(2_000);
    expect(await terminal.text()).toContain('exit code 3, kept 14m30s');
    expect(await type(up, 'c')).toContain('Cancel api of nightly-brave-otter?');
  });
});

describe('a log in the dashboard', () => {
  /** A log that the spec writes as it goes; `null` ends it. */
  const openLog = () => {
    const lines: (string | null)[] = [];
    let wake = (): void => {};
    const calls: string[] = [];
    const readLogs: DashboardClient['readLogs'] = async function* (_job, taskName, { follow }, signal) {
      calls.push(`${taskName}${follow ? ' follow' : ''}`);
      signal.addEventListener('abort', () => {
        calls.push(`${taskName} left`);
        wake();
      });
      while (!signal.aborted) {
        const line = lines.shift();
        if (line === null) return;
        if (line === undefined)
          await new Promise<void>(resolve => {
            wake = resolve;
          });
        else yield logText(line);
      }
    };
    const write = (line: string | null): void => {
      lines.push(line);
      wake();
    };
    return { readLogs, write, calls };
  };

  it('is followed from the moment it is opened to the end of its task', async () => {
    const { readLogs, write, calls } = openLog();
    const { type, advance, terminal } = await start({ client: { readLogs } });
    expect(await type(enter, enter)).toContain('Waiting for the first line');
    write('caf');
    write('\u00e9 ready\n');
    await advance(100);
    expect(await terminal.text()).toContain('café ready');
    write(null);
    await advance(100);
    expect(await terminal.text()).toContain('end of the log');
    expect(calls[0]).toBe('preview follow');
  });

  it('puts characters together that were cut between two chunks', async () => {
    const readLogs: DashboardClient['readLogs'] = async function* () {
      const bytes = Buffer.from('日本語\n');
      yield logText(bytes.subarray(0, 4));
      yield logText(bytes.subarray(4));
    };
    const { type } = await start({ client: { readLogs } });
    expect(await type(enter, enter)).toContain('日本語');
  });

  it('is not read any longer once one leaves it', async () => {
    const { readLogs, calls } = openLog();
    const { type } = await start({ client: { readLogs } });
    await type(enter, enter, backOnce);
    expect(calls).toEqual(['preview follow', 'preview left']);
  });

  it('cannot act upon the terminal', async () => {
    const readLogs: DashboardClient['readLogs'] = async function* () {
      yield logText('\u001b[?1049l\u001b[2J\u001b[Hnasty\u001b]0;title\u0007\n');
    };
    const { type, terminal } = await start({ client: { readLogs } });
    const text = await type(enter, enter);
    expect(text).toContain('nasty');
    expect(text).toContain('Esc back');
    expect(await terminal.isAlternate()).toBe(true);
  });
});

describe('cancelling in the dashboard', () => {
  it('asks, cancels, and says so', async () => {
    const { type, server } = await start();
    expect(await type('c')).toContain('Cancel deploy-quiet-lynx (1 running, 1 queued)?');
    expect(server.cancelled).toEqual([]);
    expect(await type('y')).toContain('deploy-quiet-lynx is cancelled');
    expect(server.cancelled).toEqual(['deploy-quiet-lynx']);
  });

  it('says why it could not', async () => {
    const { type } = await start({ client: { cancelTask: () => Promise.reject(new Error('the server is stopping')) } });
    expect(await type(enter, down, 'c', 'y')).toContain('smoke of deploy-quiet-lynx could not be cancelled: the server is');
  });
});

describe('a lost connection', () => {
  /** A server that breaks off when the spec says so, and answers again a second later. */
  const losing = () => {
    const breaking$ = new Subject<never>();
    let calls = 0;
    const watchStatus = (): Observable<ServerStatus> => merge(concat(of(busyServer), NEVER), calls++ === 0 ? breaking$ : NEVER);
    return { watchStatus, lose: () => breaking$.error(new Error('connection refused')), calls: () => calls };
  };

  it('is shown, retried, and over when the server is back', async () => {
    const { watchStatus, lose, calls } = losing();
    const { advance, terminal } = await start({ client: { watchStatus } });
    lose();
    await advance(100);
    const lost = await terminal.text();
    expect(lost).toContain('✗ lost for 0s, next try in 1s');
    expect(lost).toContain('connection refused');
    expect(lost).toContain('deploy-quiet-lynx');
    expect(calls()).toBe(1);
    await advance(1_000);
    expect(await terminal.text()).toContain('● live');
    expect(calls()).toBe(2);
  });

  it('has the log go on in the middle of a character, at the place where one was reading', async () => {
    const { watchStatus, lose } = losing();
    const bytes = Buffer.from(`${Array.from({ length: 60 }, (_, line) => `line ${line}\n`).join('')}日本語\nand on\n`);
    const cut = bytes.indexOf('本') + 1;
    const asked: TaskLogQuery['seen'][] = [];
    const readLogs: DashboardClient['readLogs'] = async function* (_job, _task, { seen = [] }, signal) {
      asked.push(seen);
      const from = seen.at(-1)?.offset ?? 0;
      const to = from === 0 ? cut : bytes.length;
      yield logText(bytes.subarray(from, to), { file: 'preview-step-0.log', offset: to });
      await new Promise(resolve => signal.addEventListener('abort', resolve));
      yield logText('too late\n', { file: 'preview-step-0.log', offset: bytes.length });
    };
    const { advance, type, terminal } = await start({ client: { watchStatus, readLogs } });
    await type(enter, enter, up, up, up);
    const top = (await terminal.text()).split('\n')[4];
    lose();
    await advance(2_000);
    const after = await terminal.text();
    expect(after.split('\n')[4]).toBe(top);
    expect(after).toContain('of 62');
    const end = await type(keyboard('end'));
    expect(end).toMatch(/line 59 *\n *日本語 *\n *and on *\n/);
    expect(end).not.toContain('too late');
    expect(asked).toStrictEqual([[], [{ file: 'preview-step-0.log', offset: cut }]]);
  });

  it('has the log read again by a server that can not go on, without a line shown twice', async () => {
    const { watchStatus, lose } = losing();
    let reads = 0;
    const readLogs: DashboardClient['readLogs'] = async function* (_job, _task, _query, signal) {
      reads += 1;
      yield logText('only once\n', reads === 1 ? { file: 'preview-step-0.log', offset: 10 } : null);
      await new Promise(resolve => signal.addEventListener('abort', resolve));
    };
    const { advance, type, terminal } = await start({ client: { watchStatus, readLogs } });
    expect(await type(enter, enter)).toContain('only once');
    lose();
    await advance(2_000);
    const lines = (await terminal.text()).split('\n').filter(line => line.includes('only once'));
    expect([lines.length, reads]).toEqual([1, 2]);
  });

  it('ends the dashboard when there never was one, with the reason', async () => {
    const { ended, terminal } = await start({ client: { watchStatus: () => throwError(() => new Error('no such host')) } });
    await expect(ended).rejects.toThrow('no such host');
    expect(await terminal.isAlternate()).toBe(false);
  });
});

describe('the terminal', () => {
  it('is taken over', async () => {
    const { terminal } = await start();
    expect([await terminal.isAlternate(), await terminal.hasCursor(), terminal.isRaw()]).toEqual([true, false, true]);
  });

  const isAsBefore = async (terminal: ReturnType<typeof openTerminal>): Promise<void> => {
    expect([await terminal.isAlternate(), await terminal.hasCursor(), terminal.isRaw()]).toEqual([false, true, false]);
  };

  it.each([
    ['q', 'q'],
    ['Ctrl+C', '\u0003'],
    ['Ctrl+C while one types', '/ab\u0003'],
  ])('is given back on %s', async (_name, bytes) => {
    const { terminal, type, ended } = await start();
    await type(bytes);
    await ended;
    await isAsBefore(terminal);
  });

  it('is given back when the command is told to end', async () => {
    const { terminal, ended, abort } = await start();
    abort(new Error('interrupted'));
    await expect(ended).rejects.toThrow('interrupted');
    await isAsBefore(terminal);
  });

  it('is given back when the program itself is at fault', async () => {
    const { terminal, server, ended, advance } = await start();
    // Nothing that a server sends looks like this: tasks must be a list.
    server.status$.next({ ...busyServer, jobs: [{ ...job('x', []), tasks: null as never }] });
    await advance(100);
    await expect(ended).rejects.toThrow(TypeError);
    await isAsBefore(terminal);
  });

  it('is left alone, and so is the dashboard, when the terminal goes away', async () => {
    const { terminal, ended } = await start();
    terminal.stdin.emit('end');
    await ended;
    await isAsBefore(terminal);
  });

  it('answers keys also after Escape has been pressed', async () => {
    const { type } = await start();
    expect(await type(`${escape}${down}`, up, '?')).toContain('Keys');
  });

  it('leaves no listener behind', async () => {
    const before = process.listenerCount('exit') + process.listenerCount('SIGTERM');
    const { type, ended, terminal } = await start();
    await type('q');
    await ended;
    expect(process.listenerCount('exit') + process.listenerCount('SIGTERM')).toBe(before);
    expect(terminal.stdout.listenerCount('resize')).toBe(0);
  });
});
