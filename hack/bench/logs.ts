/**
 * How long a line takes from a container to the screen of who follows it, through engine, server and gRPC into `alfred logs -f`,
 * against `docker logs --follow` of the same container. From the time that the engine gives the line: all on the machine's one clock.
 */
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa, type ResultPromise } from 'execa';
import { alfred, BIN, startServer, type TestServer } from '../../spec/support/binary.ts';
import { writeJob } from '../../spec/support/job.ts';
import { temporaryFolder } from '../../spec/support/temporary-folder.ts';
import { until } from '../../spec/support/until.ts';
import { percentile } from './percentile.ts';
import type { Row } from './row.ts';

const LINES = 200;
const FOLLOWERS = [1, 20];

/** Its lines come one by one, as those of a slow test suite, once somebody has made the file `go`. */
const SCRIPT = `
  echo begun
  until [ -e "$ALFRED_SHARED/go" ]; do usleep 50000; done
  n=0
  while [ $n -lt ${LINES} ]; do n=$((n + 1)); echo "line $n"; usleep 25000; done`;

/** A program that prints the container's log, and how late each line was, in ms. */
type Follower = { readonly program: ResultPromise; readonly latencies: number[]; hasBegun: boolean };

const follow = (file: string, ...args: readonly string[]): Follower => {
  const program = execa(file, args, { buffer: false });
  const follower: Follower = { program, latencies: [], hasBegun: false };
  createInterface({ input: program.stdout }).on('line', line => {
    const at = performance.timeOrigin + performance.now();
    const [, time = '', fraction = '', text = ''] = /^(\S+:\d\d)\.(\d+)Z (.*)$/.exec(line) ?? [];
    if (text === 'begun') follower.hasBegun = true;
    if (text.startsWith('line')) follower.latencies.push(at - Date.parse(`${time}Z`) - Number(`0.${fraction}`) * 1_000);
  });
  return follower;
};

/** The latencies of each of `count` followers, and those of Docker's own. */
const measure = async (server: TestServer, folder: string, count: number) => {
  const name = `bench-logs-${count}`;
  const job = await writeJob(folder, { name, script: SCRIPT, tasks: ['talk'] });
  const run = alfred(['--remote', server.remote, 'run', job]);
  const instance = (await readFile(join(server.data, 'instance'), 'utf8')).trim();
  const filters = [`label=alfred.server=${instance}`, 'label=alfred.role=step'].flatMap(filter => ['--filter', filter]);
  let container = '';
  await until(async () => {
    container = (await execa('docker', ['ps', '--quiet', ...filters])).stdout;
    return container !== '';
  });
  const ours: Follower[] = [];
  for (let n = 0; n < count; n += 1) {
    const follower = follow(join(BIN, 'alfred'), '--remote', server.remote, 'logs', '-f', name, 'talk');
    ours.push(follower);
    await until(async () => follower.hasBegun);
  }
  const dockers = follow('docker', 'logs', '--follow', '--timestamps', container);
  await until(async () => dockers.hasBegun);
  for await (const shared of glob(join(server.workspace, '**/shared'))) await writeFile(join(shared, 'go'), '');
  await Promise.all([run, dockers.program, ...ours.map(({ program }) => program)]);
  return { ours: ours.flatMap(({ latencies }) => latencies), dockers: dockers.latencies };
};

export const benchLogs = async (): Promise<readonly Row[]> => {
  await using folder = await temporaryFolder();
  await using server = await startServer('--task-startup-delay', '0s');
  const rows: Row[] = [];
  for (const count of FOLLOWERS) {
    const { ours, dockers } = await measure(server, folder.path, count);
    if (ours.length !== count * LINES) throw new Error(`${ours.length} of ${count * LINES} lines came`);
    for (const share of [0.5, 0.99]) {
      const value = percentile(ours, share);
      const baseline = percentile(dockers, share);
      rows.push({
        name: `a line from a container to \`alfred logs -f\`, ${count === 1 ? '1 follower' : `${count} followers`}, p${share * 100}`,
        value,
        unit: 'ms',
        baseline: { name: '`docker logs --follow`', value: baseline },
        ratio: value / baseline,
      });
    }
  }
  return rows;
};
