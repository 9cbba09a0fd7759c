/** How long a user waits before a command says anything, against Node's own start. */
import { join } from 'node:path';
import { execa } from 'execa';
import { BIN, startServer } from '../../spec/support/binary.ts';
import { median } from './median.ts';
import type { Row } from './row.ts';

const RUNS = 15;

const NODE = join(import.meta.dirname, '../../node_modules/.bin/node');

const wallMs = async (file: string, args: readonly string[]): Promise<number> => (await execa(file, args)).durationMs;

export const benchStartup = async (): Promise<readonly Row[]> => {
  await using server = await startServer();
  const programs = [
    { name: '`node -e 0`', file: NODE, args: ['-e', '0'] },
    { name: '`alfred --help`', file: join(BIN, 'alfred'), args: ['--help'] },
    { name: '`alfred version`, server asked', file: join(BIN, 'alfred'), args: ['--remote', server.remote, 'version'] },
    { name: '`alfred ps`', file: join(BIN, 'alfred'), args: ['--remote', server.remote, 'ps'] },
  ].map(program => ({ ...program, times: [] as number[] }));

  for (const { file, args } of programs) await wallMs(file, args); // fills the compile cache
  // In turns, so that a slow moment of the machine meets them all.
  for (let run = 0; run < RUNS; run += 1) for (const { file, args, times } of programs) times.push(await wallMs(file, args));

  const [baseline, ...rows] = programs.map(({ name, times }) => ({ name, value: median(times) }));
  if (baseline === undefined) return [];
  return rows.map(({ name, value }) => ({ name, value, unit: 'ms', baseline, ratio: value / baseline.value }));
};
