/**
 * `node hack/screens.ts [FOLDER]`: pictures of the dashboard, taken in tmux on a simulated server. Each screen becomes a text
 * and an SVG in the folder (`var/screens`), at 80×24 and at 160×50.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { execa } from 'execa';
import { type Size, toSvg } from './screens/svg.ts';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = process.argv[2] ?? join(ROOT, 'var/screens');

/** A server of its own: nobody's sessions, nobody's settings. */
const tmux = (...args: readonly string[]) => execa('tmux', ['-L', `alfred-screens-${process.pid}`, '-f', '/dev/null', ...args]);

type Scene = { readonly name: string; readonly keys: readonly string[]; readonly back: readonly string[] };

/** In this order, each begins at the overview; keys as tmux calls them. */
const SCENES: readonly Scene[] = [
  { name: 'overview', keys: [], back: [] },
  { name: 'nodes', keys: ['Tab', 'Down'], back: ['Tab'] },
  { name: 'filter', keys: ['/', ...'failed'], back: ['Escape'] },
  { name: 'question', keys: ['c'], back: ['n'] },
  { name: 'help', keys: ['?'], back: ['?'] },
  { name: 'job', keys: ['Down', 'Enter'], back: ['BSpace', 'Up'] },
  { name: 'log', keys: ['Down', 'Enter', 'Enter'], back: ['BSpace', 'BSpace'] },
];

const SIZES: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 160, rows: 50 },
];

const capture = async (...flags: readonly string[]): Promise<string> => (await tmux('capture-pane', '-p', ...flags)).stdout;

/** The simulated server has caught up with the clock when it says that it has been up for 45 minutes. */
const isReady = async (): Promise<boolean> => /up 4[5-9]m.*live/.test(await capture());

const photograph = async (size: Size): Promise<void> => {
  const demo = `'${process.execPath}' '${join(ROOT, 'hack/demo.ts')}'`;
  await tmux('new-session', '-d', '-x', `${size.columns}`, '-y', `${size.rows}`, demo, ';', 'set', '-g', 'status', 'off');
  try {
    while (!(await isReady())) await after(100);
    for (const { name, keys, back } of SCENES) {
      await type(keys);
      const file = join(FOLDER, `${name}-${size.columns}x${size.rows}`);
      await writeFile(`${file}.txt`, `${await capture()}\n`);
      await writeFile(`${file}.svg`, await toSvg(await capture('-e', '-N'), size));
      console.log(`${file}.svg`);
      await type(back);
    }
  } finally {
    await tmux('kill-server');
  }
};

/** One by one, and slowly: an Escape followed by another key at once would be taken for Alt. */
const type = async (keys: readonly string[]): Promise<void> => {
  for (const key of keys) {
    await tmux('send-keys', key);
    await after(700);
  }
};

await mkdir(FOLDER, { recursive: true });
for (const size of SIZES) await photograph(size);
