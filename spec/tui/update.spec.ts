import { describe, expect, it } from 'vitest';
import type { Model } from '../../src/tui/model.ts';
import { render } from '../../src/tui/render.ts';
import { rowText } from '../../src/tui/row.ts';
import { toViewModel } from '../../src/tui/view-model.ts';
import { commandOf, key, later, opened, play, press, rowsWith, SMALL, screenOf, typed } from './support/play.ts';
import { ago, busyServer, job, node, status, task } from './support/status.ts';

/** The row that the keys act upon: inverted from end to end, and no heading. */
const chosenRow = (model: Model): string => {
  const chosen = render(toViewModel(model), model.size).rows.filter(row =>
    row.every(({ style }) => style.inverse === true && style.color === undefined && style.dim !== true),
  );
  expect(chosen).toHaveLength(1);
  return chosen.map(rowText).join('').trim();
};

const footer = (model: Model): string => screenOf(model).trimEnd().split('\n').at(-1)?.trim() ?? '';

const receive = (model: Model, jobs: Parameters<typeof status>[0], nodes = busyServer.nodes): Model =>
  play(model, { type: 'statusReceived', status: status(jobs, nodes) });

describe('the list of jobs', () => {
  it('has the unfinished ones first, each part newest first', () => {
    const names = screenOf(opened()).match(/(deploy|integrat|docs|unit|lint)\S*-\S+|docs-warm-gull/g);
    expect(names?.map(name => name.split(/[-…]/)[0])).toEqual(['deploy', 'integration', 'docs', 'unit', 'lint']);
  });

  it('has all unfinished jobs, and the newest fifty of the others', () => {
    const finished = Array.from({ length: 60 }, (_, index) => job(`old-${index}`, [task('t', 'completed')]));
    const unfinished = Array.from({ length: 55 }, (_, index) => job(`new-${index}`, [task('t')]));
    expect(rowsWith(opened(SMALL, status([...finished, ...unfinished])), 'JOBS')[0]).toContain('JOBS 115');
    const atEnd = press(opened(SMALL, status([...finished, ...unfinished])), 'end');
    expect(chosenRow(atEnd)).toContain('old-10');
    expect(rowsWith(atEnd, 'JOBS')[0]).toMatch(/–105$/);
  });

  it('says who, since when, for how long, how far, and how many of each kind', () => {
    expect(rowsWith(opened(), 'grace')[0]).toBe('■ integration…-woodpecker grace    14:25   5m00s  13/24 (54%) ●4 ✗1 ○7 ✓12');
    expect(rowsWith(opened(), 'lint-calm')[0]).toBe('lint-calm-otter         ada      22 Nov  2m00s   2/2 (100%) ✓2');
  });

  it('ticks while a job runs, and stands still once it has ended', () => {
    const after = later(opened(), 2_000);
    expect(rowsWith(after, 'grace')[0]).toContain('5m02s');
    expect(rowsWith(after, 'lint-calm')[0]).toContain(' 2m00s');
  });
});

describe('the list of nodes', () => {
  it('is sorted by state, then by name as people count', () => {
    const states = rowsWith(opened(), 'node-').map(row => row.split(/\s+/).slice(0, 3).join(' '));
    expect(states).toEqual([
      'node-2 ● online',
      'node-9 ● online',
      'node-10 ● online',
      'node-12 ◐ provisioning',
      'node-11 ✗ failed',
    ]);
  });

  it('says how many slots a task holds, and why a node failed', () => {
    expect(rowsWith(opened(), 'node-2 ')[0]).toMatch(/■■■■ 4\/4 search\(3\) api-3$/);
    expect(rowsWith(opened(), 'node-11 ')[0]).toMatch(/✗ failed +···· 0\/4 No valid host was found\.$/);
  });

  it('draws a strip to scale for a node of many slots', () => {
    const many = node(
      'big',
      Array.from({ length: 64 }, (_, slot) => (slot < 16 ? `j/t${slot}` : '')),
    );
    expect(rowsWith(opened(SMALL, status([], [many])), 'big')[0]).toContain('■■■■············ 16/64');
  });
});

describe('moving about', () => {
  it('keeps the chosen job chosen while others come and go', () => {
    const chosen = press(opened(), 'down');
    expect(chosenRow(chosen)).toContain('grace');
    const newcomers = [job('brand-new', [task('t')]), job('brand-newer', [task('t')])];
    const refreshed = receive(chosen, [...busyServer.jobs, ...newcomers]);
    expect(chosenRow(refreshed)).toContain('grace');
    expect(rowsWith(refreshed, 'brand-newer')).toHaveLength(1);
  });

  it('goes to the nodes with Tab, and back', () => {
    expect(chosenRow(press(opened(), 'tab', 'down'))).toContain('node-9');
    expect(chosenRow(press(opened(), 'tab', 'down', 'tab'))).toContain('deploy-quiet-lynx');
  });

  it('opens a job, then the log of a task, and comes back to the same places', () => {
    const inJob = press(opened(), 'down', 'enter', 'down');
    expect(chosenRow(inJob)).toContain('api-2');
    expect(rowsWith(inJob, 'ci/integration.yaml')).toHaveLength(1);
    const inLog = press(inJob, 'enter');
    expect(inLog.log).toMatchObject({ job: 'integration-tests-splendid-woodpecker', task: 'api-2', phase: 'waiting' });
    expect(chosenRow(press(inLog, 'escape'))).toContain('api-2');
    expect(press(inLog, 'escape').log).toBeNull();
    expect(chosenRow(press(inLog, 'escape', 'escape'))).toContain('grace');
  });

  it('says so when the job that one looks at is not listed any more', () => {
    const inJob = press(opened(), 'enter');
    expect(screenOf(receive(inJob, []))).toContain('The server does not list deploy-quiet-lynx any more.');
  });

  it('puts what goes on and what went wrong before what is well', () => {
    const rows = screenOf(press(opened(), 'down', 'enter')).split('\n');
    const stateAt = (row: number): string | undefined => /[●✗○✓] (\w+)/.exec(rows[row] ?? '')?.[1];
    expect([7, 8, 9, 10, 11, 12, 18, 19].map(stateAt)).toEqual([
      'running',
      'running',
      'running',
      'running',
      'failed',
      'queued',
      'queued',
      'completed',
    ]);
  });
});

describe('a log', () => {
  const inLog = press(opened(), 'enter', 'enter');
  const filled = play(inLog, {
    type: 'logReceived',
    text: Array.from({ length: 90 }, (_, index) => `line ${index + 1}\n`).join(''),
    restarts: true,
  });

  it('follows the end, until one scrolls', () => {
    expect(screenOf(filled)).toContain(' line 90\n');
    expect(rowsWith(filled, '──')[0]).toContain(' following ');
    const scrolled = press(filled, 'pageup');
    expect(screenOf(scrolled)).not.toContain(' line 90\n');
    expect(rowsWith(scrolled, '──')[0]).toContain(' lines 54–72 of 90 ');
    const grown = play(scrolled, { type: 'logReceived', text: 'line 91\n', restarts: false });
    expect(rowsWith(grown, '──')[0]).toContain(' lines 54–72 of 91 ');
    expect(screenOf(press(grown, 'end'))).toContain(' line 91\n');
  });

  it('scrolls sideways', () => {
    const wide = play(inLog, { type: 'logReceived', text: `${'0123456789'.repeat(10)}\n`, restarts: true });
    expect(screenOf(press(wide, 'right'))).toContain('\n 6789012345');
    expect(screenOf(press(wide, 'right', 'left', 'left'))).toContain('\n 0123456789');
  });

  it('says why there is nothing in it', () => {
    expect(screenOf(inLog)).toContain('Waiting for the first line…');
    expect(screenOf(press(opened(), 'enter', 'down', 'enter'))).toContain('The task is queued: its log starts when it does.');
    expect(screenOf(play(inLog, { type: 'logEnded' }))).toContain('The task ended without a word.');
    expect(screenOf(play(inLog, { type: 'logFailed', why: 'there is no task preview' }))).toContain('there is no task preview');
  });

  it('says that it broke off, and why, beside what it has', () => {
    const broken = play(filled, { type: 'logFailed', why: 'the disk is full' });
    expect(screenOf(broken)).toContain(' line 90\n');
    expect(rowsWith(broken, '──')[0]).toContain(' interrupted: the disk is full ');
  });

  it('shows only the lines that one asks for', () => {
    const filtered = play(filled, ...typed('/line 9'), key('enter'));
    expect(rowsWith(filtered, 'line ')).toEqual([expect.stringContaining('── /line 9 ──'), 'line 9', 'line 90']);
  });
});

describe('filtering', () => {
  it('narrows the list with every letter, and goes on when it is closed', () => {
    const typing = play(opened(), ...typed('/fail'));
    expect(footer(typing)).toMatch(/^Filter jobs: fail .*Enter keep {3}Esc clear$/);
    expect(rowsWith(typing, 'JOBS')[0]).toMatch(/^JOBS 2\/5 .* \/fail$/);
    const kept = press(typing, 'enter');
    expect(rowsWith(kept, 'JOBS')[0]).toMatch(/^JOBS 2\/5 .* \/fail$/);
    expect(chosenRow(kept)).toContain('grace');
  });

  it('finds words in any order, in names, people and states', () => {
    expect(chosenRow(play(opened(), ...typed('/FAIL 田中')))).toContain('unit-brave-heron');
  });

  it('takes letters that are commands elsewhere as letters', () => {
    const typing = play(opened(), ...typed('/q?c'));
    expect(footer(typing)).toContain('Filter jobs: q?c');
    expect(footer(press(typing, 'backspace', 'ctrl-u'))).toContain('Filter jobs:   ');
  });

  it('is dropped by Escape, which goes back only after that', () => {
    const filtered = play(press(opened(), 'down', 'enter'), ...typed('/api'), key('enter'));
    expect(rowsWith(filtered, 'TASKS')[0]).toMatch(/^TASKS 3\/24 .* \/api$/);
    expect(rowsWith(press(filtered, 'escape'), 'TASKS')[0]).toContain('TASKS 24');
    expect(rowsWith(press(filtered, 'escape', 'escape'), 'JOBS')).toHaveLength(1);
  });

  it('says what to do when it finds nothing', () => {
    expect(screenOf(play(opened(), ...typed('/nope')))).toContain('Nothing holds “nope”. Esc shows all 5 again.');
  });
});

describe('cancelling', () => {
  it('asks first, and only `y` is a yes', () => {
    const asked = press(opened(), 'down', 'c');
    expect(footer(asked)).toMatch(/^Cancel integration-tests-splendid-woodpecker \(4 running, 7 queued\)\? +y\/n$/);
    expect(commandOf(asked, key('y'))).toEqual({
      type: 'cancel',
      target: { job: 'integration-tests-splendid-woodpecker', task: null },
    });
    for (const other of ['enter', 'n', 'space', 'c', 'Y', 'escape', 'q']) {
      expect(commandOf(asked, key(other))).toBeNull();
      expect(footer(press(asked, other))).not.toContain('Cancel');
    }
  });

  it('cancels a single task from the job or from its log', () => {
    const target = { job: 'deploy-quiet-lynx', task: 'smoke' };
    const inJob = press(opened(), 'enter', 'down');
    expect(footer(press(inJob, 'c'))).toMatch(/^Cancel smoke of deploy-quiet-lynx\?/);
    expect(commandOf(inJob, key('c'), key('y'))).toEqual({ type: 'cancel', target });
    expect(commandOf(inJob, key('enter'), key('c'), key('y'))).toEqual({ type: 'cancel', target });
  });

  it('asks nothing about what has ended, and says so', () => {
    const told = press(opened(), 'end', 'c');
    expect(footer(told)).toBe('lint-calm-otter has ended already: there is nothing to cancel');
    expect(footer(later(told, 10_000))).toContain('Tab nodes');
  });

  it('tells what came of it', () => {
    const target = { job: 'deploy-quiet-lynx', task: null };
    expect(footer(play(opened(), { type: 'cancelDone', target }))).toBe('deploy-quiet-lynx is cancelled');
    expect(footer(play(opened(), { type: 'cancelFailed', target, why: 'the server is stopping' }))).toBe(
      'deploy-quiet-lynx could not be cancelled: the server is stopping',
    );
  });
});

describe('leaving', () => {
  it('takes q anywhere but where one types, and Ctrl+C everywhere', () => {
    for (const model of [opened(), press(opened(), 'enter'), press(opened(), 'enter', 'enter'), press(opened(), '?')]) {
      expect(commandOf(model, key('q'))).toEqual({ type: 'quit' });
    }
    for (const model of [opened(), press(opened(), '/'), press(opened(), 'c'), press(opened(), '?')]) {
      expect(commandOf(model, key('ctrl-c'))).toEqual({ type: 'quit' });
    }
  });
});

describe('the connection', () => {
  it('is shown as lost, for how long and until when, over what was last known', () => {
    const lost = play(opened(), { type: 'connectionLost', why: 'connection refused', retryAt: opened().now + 4_000 });
    const [title, why] = screenOf(later(lost, 1_000)).split('\n');
    expect(title).toMatch(/✗ lost for 1s, next try in 3s$/);
    expect(why?.trim()).toBe('connection refused');
    expect(rowsWith(lost, 'grace')).toHaveLength(1);
  });

  it('counts from the first loss, however often it fails again, and is forgotten when it is back', () => {
    const lost = later(play(opened(), { type: 'connectionLost', why: 'a', retryAt: 0 }), 60_000);
    const again = play(lost, { type: 'connectionLost', why: 'b', retryAt: lost.now + 15_000 });
    expect(screenOf(again)).toContain('lost for 1m00s, next try in 15s');
    expect(screenOf(play(again, { type: 'statusReceived', status: busyServer }))).toContain('● live');
  });

  it('leaves a gap in the plots while it is lost', () => {
    const live = later(opened(), 1_000);
    expect(live.history).toHaveLength(2);
    expect(live.history.at(-1)).toMatchObject({ busySlots: 7, slots: 12, queuedTasks: 8 });
    const lost = later(play(live, { type: 'connectionLost', why: 'a', retryAt: 0 }), 1_000);
    expect(lost.history).toHaveLength(2);
  });
});

describe('the header', () => {
  it('says what the server is and what it was told to be', () => {
    const [title, settings] = screenOf(opened({ columns: 120, rows: 24 })).split('\n');
    expect(title).toMatch(/^ {2}Alfred {2}1\.4\.0 \(26bb24c\) up 3d04h on ci\.example +● live$/);
    expect(settings?.trim()).toBe('openstack c2-r8 · max 8×4 slots · timeout 5h · delays 1s task, 20s node · log info');
  });

  it('calls a timeout of zero none', () => {
    const endless = {
      ...busyServer,
      server: {
        ...busyServer.server,
        taskTimeoutMs: 0,
        openstackFlavor: '',
        provisioner: 'local',
        startedAt: ago({ seconds: 5 }),
      },
    };
    expect(screenOf(opened(SMALL, endless)).split('\n')[1]).toContain(' local · max 8×4 slots · timeout none');
  });
});
