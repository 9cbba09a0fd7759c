/** How long a user waits before a command does anything: `alfred version` against Node's own start. */
import { join } from 'node:path';
import { execa } from 'execa';
import { startServer } from '../../spec/support/binary.ts';
import { median } from './median.ts';
import type { Row } from './row.ts';

const ROOT = join(import.meta.dirname, '../..');
const RUNS = 15;

const wallMs = async (file: string, ...args: readonly string[]): Promise<number> => (await execa(file, args)).durationMs;

export const benchStartup = async (): Promise<readonly Row[]> => {
  await using server = await startServer();
  const alfred = (): Promise<number> => wallMs(join(ROOT, 'bin/alfred'), '--remote', server.remote, 'version');
  const node = (): Promise<number> => wallMs(join(ROOT, 'node_modules/.bin/node'), '-e', '0');

  await alfred(); // fills the compile cache
  const alfredMs: number[] = [];
  const nodeMs: number[] = [];
  // In turns, so that a slow moment of the machine meets both.
  for (let run = 0; run < RUNS; run++) {
    alfredMs.push(await alfred());
    nodeMs.push(await node());
  }
  const value = median(alfredMs);
  const baseline = median(nodeMs);
  return [
    {
      name: '`alfred version`, server asked',
      value,
      unit: 'ms',
      baseline: { name: '`node -e 0`', value: baseline },
      ratio: value / baseline,
    },
  ];
};
