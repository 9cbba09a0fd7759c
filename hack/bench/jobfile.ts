/**
 * What a generated jobfile costs: 10,000 tasks out of a loop, in each dialect, from the file to the validated job, against
 * `yaml`'s own parse of the text that the template makes.
 */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readJobfile } from '../../src/jobfile/read.ts';
import { median } from './median.ts';
import type { Benchmark, Row } from './row.ts';

const TASKS = 10_000;
const RUNS = 5;

/** Reading is parsing with places, plus templating, validation and a look at the files. */
const LIMIT = 2.5;

const HEAD = `version: "1"
name: big
steps:
  - {dockerfile: Dockerfile, context: .}
tasks:`;

const JOBFILES = {
  'Go templates': `${HEAD}
{{- range $i := until ${TASKS} }}
  - name: task-{{ $i }}
    slots: {{ add 1 (mod $i 3) }}
{{- end }}
`,
  Handlebars: `${HEAD}
{{#each (until ${TASKS})}}
  - name: task-{{ this }}
    slots: {{ add 1 (mod this 3) }}
{{/each}}
`,
};

export const benchJobfile: Benchmark = async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'alfred-bench-'));
  await writeFile(join(folder.path, 'Dockerfile'), '');
  const rows: Row[] = [];
  for (const [dialect, jobfile] of Object.entries(JOBFILES)) rows.push(await benchDialect(dialect, jobfile, folder.path));
  return rows;
};

const benchDialect = async (dialect: string, jobfile: string, folder: string): Promise<Row> => {
  const path = join(folder, 'job.yaml');
  await writeFile(path, jobfile);
  const readMs: number[] = [];
  const parseMs: number[] = [];
  // In turns, so that a slow moment of the machine meets both.
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    const reading = await readJobfile({ path, args: [], params: {}, env: {}, signal: new AbortController().signal });
    const read = performance.now();
    if (!reading.ok) throw new Error(`the jobfile of the benchmark is wrong: ${JSON.stringify(reading.problems[0])}`);
    parse(reading.rendered);
    readMs.push(read - start);
    parseMs.push(performance.now() - read);
  }
  const [value, baseline] = [median(readMs), median(parseMs)];
  return {
    name: `jobfile: read ${TASKS.toLocaleString('en')} tasks from a loop, ${dialect}`,
    value,
    unit: 'ms',
    baseline: { name: "`yaml`'s parse alone", value: baseline },
    ratio: value / baseline,
    limit: LIMIT,
  };
};
