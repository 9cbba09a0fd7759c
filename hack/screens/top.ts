/** `alfred top` on a simulated server, screen by screen. */
import { join } from 'node:path';
import type { Size } from './svg.ts';
import { openPane, type Photograph } from './tmux.ts';

type Scene = { readonly name: string; readonly keys: readonly string[]; readonly back: readonly string[] };

/** In this order, each begins at the overview; keys as tmux calls them. */
const SCENES: readonly Scene[] = [
  { name: 'top', keys: [], back: [] },
  { name: 'top-nodes', keys: ['Tab', 'Down'], back: ['Tab'] },
  { name: 'top-filter', keys: ['/', ...'failed'], back: ['Escape'] },
  { name: 'top-question', keys: ['c'], back: ['n'] },
  { name: 'top-help', keys: ['?'], back: ['?'] },
  { name: 'top-job', keys: ['Down', 'Enter'], back: ['BSpace', 'Up'] },
  { name: 'top-log', keys: ['Down', 'Enter', 'Enter'], back: ['BSpace', 'BSpace'] },
];

export const shootTop = async (size: Size, photograph: Photograph): Promise<void> => {
  const demo = join(import.meta.dirname, '../demo.ts');
  await using pane = await openPane(size, `'${process.execPath}' '${demo}'`, { cwd: import.meta.dirname });
  // It has caught up with the clock when it says that it has been up for 45 minutes.
  await pane.shows(/up 4[5-9]m.*live/);
  for (const { name, keys, back } of SCENES) {
    await pane.type(...keys);
    await photograph(pane, name);
    await pane.type(...back);
  }
};
