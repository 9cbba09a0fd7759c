/** A server that is replaced under running work, as a service manager does it: SIGTERM with `--on-shutdown detach`, a new one. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { filesIn, withoutTimestamps } from '../support/artifact.ts';
import { said } from '../support/binary.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import { describeOnEngine, expectNothingLeft, leftOnEngine } from '../support/engine.ts';
import { type Ledger, openLedger, writeInLedger } from '../support/ledger.ts';
import { openServer } from '../support/server-lives.ts';
import { until } from '../support/until.ts';

let desk: Desk;
let ledger: Ledger;

beforeEach(async () => {
  desk = await openDesk();
  ledger = await openLedger();
});

afterEach(async () => {
  await ledger[Symbol.asyncDispose]();
  await desk[Symbol.asyncDispose]();
});

const LINES = 40;

/** Two steps: the first counts slowly, over any restart of the server; the second ends as the task's name says. */
const countSlowly = (ledgerPort: number): string => `
  echo x >> "$ALFRED_SHARED/steps"
  step=$(wc -l < "$ALFRED_SHARED/steps")
  ${writeInLedger(ledgerPort, '$ALFRED_TASK $step')}
  n=0
  while [ $n -lt ${LINES} ]; do
    echo "$ALFRED_TASK step $step line $n"
    n=$((n + 1))
    [ $step = 2 ] || sleep 0.2
  done
  printf 'the end, without a newline'
  case "$ALFRED_TASK $step" in "warned 2") exit 42 ;; "good 2") echo > "$ALFRED_OUTPUT/made" ;; esac`;

const expectedLog = (task: string, step: number): string =>
  [...Array.from({ length: LINES }, (_, n) => `${task} step ${step} line ${n}`), 'the end, without a newline'].join('\n');

describeOnEngine('a server that is told to leave running work to the next one', () => {
  it('exits at once, and whoever watches sees the job through with the next server', async () => {
    await using server = await openServer({ flags: ['--on-shutdown', 'detach', '--slots-per-node', '2', '--max-nodes', '1'] });
    const job = await desk.job({ script: countSlowly(ledger.port), steps: 2, tasks: ['good', 'warned', 'queued'] });
    const run = desk.alfred(['--remote', server.remote, 'run', job, '--artifacts', 'artifacts']);
    await until(async () => ledger.lines.length === 2);
    const lost = said(run, /lost|reach|can't do this now/);

    const toldAt = Date.now();
    const { exitCode, log } = await server.stop();

    expect(exitCode, log).toBe(0);
    expect(Date.now() - toldAt).toBeLessThan(4_000);
    await lost;
    const running = (await leftOnEngine(await server.instance())).filter(object => object.endsWith('running'));
    expect(running).toHaveLength(2);

    await server.start();

    const { exitCode: verdict, stderr } = await run;
    expect(verdict, stderr).toBe(42);
    expect(stderr).toContain('3/3');
    expect(ledger.lines.toSorted()).toEqual(['good', 'queued', 'warned'].flatMap(task => [`${task} 1`, `${task} 2`]));
    for (const task of ['good', 'warned', 'queued']) {
      const files = await filesIn(join(desk.path, 'artifacts', `${task}.tar.zst`));
      for (const step of [1, 2]) expect(withoutTimestamps(files[`${task}-step-${step}.log`])).toBe(expectedLog(task, step));
    }

    await server.stop();
    await expectNothingLeft(await server.instance(), { list: () => readdir(server.workspace) });
  });
});
