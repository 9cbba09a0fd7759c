/**
 * `npm run screens`: pictures of what Alfred shows in a terminal, taken in tmux: `run` and `watch` on the real engine, `top` on
 * a simulated server. Each screen becomes a text and an SVG in `var/screens`, at 80×24 and at 160×50; the two that the README
 * shows are renewed in `hack/screens`. Look at them before you commit them.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from './build.ts';
import { shootRuns } from './screens/run.ts';
import { type Size, toSvg } from './screens/svg.ts';
import type { Photograph } from './screens/tmux.ts';
import { shootTop } from './screens/top.ts';
import { ensureEngine } from './setup/engine.ts';
import { ensureSpecPackages } from './setup/spec-packages.ts';

const FOLDER = join(import.meta.dirname, '../var/screens');
const IN_README = ['run-80x24.svg', 'top-80x24.svg'] as const;

const SIZES: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 160, rows: 50 },
];

const photographer =
  (size: Size): Photograph =>
  async (pane, name) => {
    const file = join(FOLDER, `${name}-${size.columns}x${size.rows}`);
    await writeFile(`${file}.txt`, `${await pane.capture('plain')}\n`);
    await writeFile(`${file}.svg`, await toSvg(await pane.capture('coloured'), size));
    console.log(`${file}.svg`);
  };

await build();
await mkdir(FOLDER, { recursive: true });
const whyNot = (await ensureEngine()) ?? (await ensureSpecPackages());
if (whyNot !== null) console.error(`No pictures of run and watch: ${whyNot}.`);
for (const size of SIZES) {
  if (whyNot === null) await shootRuns(size, photographer(size));
  await shootTop(size, photographer(size));
}
if (whyNot === null)
  for (const picture of IN_README) await copyFile(join(FOLDER, picture), join(import.meta.dirname, 'screens', picture));
