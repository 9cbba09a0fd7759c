/** The screens as text, in `screens/`: to be read when they change. */
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialModel, type Model } from '../../src/tui/model.ts';
import type { Size } from '../../src/tui/paint.ts';
import { render } from '../../src/tui/render.ts';
import { rowText, rowWidth } from '../../src/tui/row.ts';
import { toViewModel } from '../../src/tui/view-model.ts';
import { key, LARGE, later, opened, play, press, SMALL, screenOf, typed } from './support/play.ts';
import { ago, busyServer, elsewhere, keptJob, NOW, status } from './support/status.ts';

const file = (name: string): string => join(import.meta.dirname, 'screens', `${name}.txt`);

const logText = [
  '==> search-step-0.log <==',
  `${new Date(ago({ seconds: 70 })).toISOString()} \u001b[1mreading 12 suites\u001b[0m`,
  `${new Date(ago({ seconds: 61 })).toISOString()}   \u001b[32m✓\u001b[0m finds 日本語 and 🎉 as well as any other word, however long the sentence in which they stand`,
  `${new Date(ago({ seconds: 5 })).toISOString()}   \u001b[31m✗\u001b[0m\tforgets\u001b]0;nasty\u0007 nothing`,
  '',
].join('\n');

/** An hour of samples, so that there is something to plot. */
const withPast = (size: Size): Model => {
  const start = opened(size);
  const history = Array.from({ length: 300 }, (_, index) => ({
    at: NOW - (300 - index) * 1_000,
    busySlots: Math.round(6 + 5 * Math.sin(index / 40)),
    slots: 12,
    queuedTasks: Math.max(0, 90 - index),
  }));
  return later({ ...start, history }, 0);
};

const inJob = (size: Size): Model => press(opened(size), 'down', 'enter');
const inLog = (size: Size): Model =>
  play(press(inJob(size), 'down', 'down', 'down', 'enter'), { type: 'logReceived', text: logText, restarts: true });

const SCREENS: Readonly<Record<string, (size: Size) => Model>> = {
  overview: withPast,
  'overview-nodes': size => press(withPast(size), 'tab', 'down', 'down'),
  'overview-filter': size => play(opened(size), ...typed('/failed')),
  'overview-question': size => press(opened(size), 'c'),
  'overview-lost': size =>
    later(
      play(opened(size), {
        type: 'connectionLost',
        why: "can't reach the server at ci.example: connection refused",
        retryAt: NOW + 4_000,
      }),
      1_000,
    ),
  'overview-elsewhere': size => opened(size, elsewhere),
  'overview-empty': size => opened(size, status([])),
  job: inJob,
  'job-kept': size => press(opened(size, keptJob), 'enter'),
  log: inLog,
  help: size => press(opened(size), '?'),
  connecting: size => initialModel('ci.example', size, NOW),
};

describe.each([
  ['80x24', SMALL],
  ['160x50', LARGE],
] as const)('on a terminal of %s', (name, size) => {
  it.each(Object.entries(SCREENS))('%s', async (screen, make) => {
    await expect(screenOf(make(size))).toMatchFileSnapshot(file(`${screen}-${name}`));
  });
});

describe('any screen', () => {
  const sizes = fc.record({ columns: fc.integer({ min: 1, max: 220 }), rows: fc.integer({ min: 1, max: 70 }) });
  const keys = fc.array(
    fc.constantFrom('down', 'up', 'tab', 'enter', 'escape', '/', 'a', 'end', 'pagedown', 'right', 'c', '?', 'backspace'),
    { maxLength: 12 },
  );

  it('fills the terminal exactly, on any size and wherever one is', () => {
    fc.assert(
      fc.property(sizes, keys, (size, names) => {
        const model = play(opened(size), ...names.map(key));
        const { rows } = render(toViewModel(model), size);
        expect(rows).toHaveLength(size.rows);
        for (const row of rows) expect([rowText(row), rowWidth(row)]).toEqual([rowText(row), size.columns]);
      }),
    );
  });

  it('shows no control character, whatever the server sends', () => {
    const nasty = busyServer.jobs.map(job => ({
      ...job,
      startedBy: '\u001b[2Jx\u0007',
      about: 'a\nb',
      commandLine: '\u009b31m',
    }));
    const screens = [opened(LARGE, status(nasty)), press(opened(LARGE, status(nasty)), 'enter')].map(screenOf);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
    for (const screen of screens) expect(screen).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});
