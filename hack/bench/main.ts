/**
 * `npm run bench [-- NAME...]`: runs the benchmarks beside this file (all, or those named) and prints one table. Each file
 * `x.ts` with an export `benchX` is one. Exits 1 when a figure is over its limit. Programs and no specs: a figure is looked
 * at, and a machine that is busy just now is no failed build.
 */
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { build } from '../build.ts';
import type { Benchmark, Row } from './row.ts';
import { table } from './table.ts';

/** Not benchmarks, but what they stand on. */
const SUPPORT = ['main', 'row', 'table', 'median', 'percentile'];

const available = async (): Promise<readonly string[]> => {
  const files = await readdir(import.meta.dirname);
  return files.map(file => basename(file, '.ts')).filter(name => !SUPPORT.includes(name));
};

const load = async (name: string): Promise<Benchmark> => {
  const module = (await import(`./${name}.ts`)) as Readonly<Record<string, Benchmark>>;
  const benchmark = module[`bench${name.charAt(0).toUpperCase()}${name.slice(1)}`];
  if (benchmark === undefined) throw new Error(`hack/bench/${name}.ts exports no benchmark of its name`);
  return benchmark;
};

const isOver = ({ value, ratio, limit }: Row): boolean => limit !== undefined && (ratio ?? value) > limit;

const names = await available();
const asked = process.argv.slice(2);
const unknown = asked.filter(name => !names.includes(name));
if (unknown.length > 0) {
  console.error(`No benchmark ${unknown.join(', ')}; there are: ${names.join(', ')}`);
  process.exit(2);
}

await build();
const rows: Row[] = [];
for (const name of asked.length > 0 ? asked : names) {
  console.error(`${name}…`);
  rows.push(...(await (await load(name))()));
}
console.log(table(rows));
for (const row of rows.filter(isOver)) {
  console.error(`over its limit: ${row.name}`);
  process.exitCode = 1;
}
