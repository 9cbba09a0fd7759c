/**
 * The line to a node breaks, falls silent, gets slow and far, again and again, while a job runs: nobody who waits for the job
 * notices more than the time it takes. The seed is printed; `FAULTS_SEED=<seed> npm test -- spec/e2e/ssh-faults.spec.ts` draws the
 * same faults.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { filesIn, withoutTimestamps } from '../support/artifact.ts';
import { dice, upTo } from '../support/chance.ts';
import { openDesk } from '../support/desk.ts';
import { describeOnEngine, leftOnEngine } from '../support/engine.ts';
import { redisImage } from '../support/images.ts';
import { openLedger, writeInLedger } from '../support/ledger.ts';
import { openServer } from '../support/server-lives.ts';
import { startSshd } from '../support/sshd.ts';
import { until } from '../support/until.ts';
import { openWire, type Wire } from '../support/wire.ts';

const FAULTS = 12;
const LINES = 40;
const STEPS = 2;
const TASKS = Array.from({ length: 8 }, (_, n) => `task-${n + 1}`);

const SEED = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000);

/** Each leaves the wire as it found it. */
const KINDS: readonly ((wire: Wire) => Promise<void>)[] = [
  async wire => wire.cut(),
  async wire => {
    wire.setOpen(false);
    wire.cut();
    await delay(3_000);
    wire.setOpen(true);
  },
  async wire => {
    wire.setSilent(true);
    await delay(4_000);
    wire.setSilent(false);
  },
  async wire => {
    wire.setSilent(true);
    await delay(1_000);
    wire.cut();
    wire.setSilent(false);
  },
  async wire => {
    wire.setRate(50_000);
    await delay(3_000);
    wire.setRate(Number.POSITIVE_INFINITY);
  },
  async wire => {
    wire.setLatency(200);
    await delay(3_000);
    wire.setLatency(0);
  },
];

const script = (ledgerPort: number): string => `
  echo x >> "$ALFRED_SHARED/steps"
  step=$(wc -l < "$ALFRED_SHARED/steps")
  ${writeInLedger(ledgerPort, '$ALFRED_TASK $step')}
  n=0
  while [ $n -lt ${LINES} ]; do echo "step $step line $n"; n=$((n + 1)); sleep 0.1; done
  printf 'PING\\r\\n' | nc -w 5 cache 6379
  head -c 2000000 /dev/urandom > "$ALFRED_OUTPUT/bytes-$step"
  wc -c < "$ALFRED_OUTPUT/bytes-$step"`;

const expectedLog = (step: number): string =>
  [...Array.from({ length: LINES }, (_, n) => `step ${step} line ${n}`), '+PONG\r', '2000000', ''].join('\n');

/** The one check that a service gets takes long enough for many a fault: none of them may count as its failure. */
const HEALTH = { cmd: 'sleep 2; redis-cli ping', timeout: '8s', retries: 1 };

describeOnEngine('a node behind a bad line', () => {
  it(`loses nothing, does nothing twice and leaves nothing behind (seed ${SEED})`, { timeout: 300_000 }, async () => {
    await using ledger = await openLedger();
    await using desk = await openDesk();
    await using sshd = await startSshd();
    await using wire = await openWire(sshd.port);
    await sshd.setClient({ HostKeyAlias: `[127.0.0.1]:${sshd.port}` });
    await using server = await openServer({
      flags: [...['--provisioner', 'ssh', '--ssh-hosts', `${sshd.username}@127.0.0.1:${wire.port}`, '--slots-per-node', '4']],
      env: { PATH: `${sshd.bin}:${process.env.PATH}` },
    });
    const services = { cache: { image: await redisImage(), health: HEALTH } };
    const job = await desk.job({ script: script(ledger.port), steps: STEPS, services, tasks: TASKS });
    const run = desk.alfred(['--remote', server.remote, 'run', job, '--artifacts', 'artifacts']);

    const chance = dice(SEED);
    let isOver = false;
    const over = run.then(() => {
      isOver = true;
    });
    await Promise.race([over, until(async () => wire.connections > 0)]);
    for (let fault = 0; fault < FAULTS && !isOver; fault += 1) {
      await Promise.race([over, delay(upTo(2_000, chance))]);
      // The first breaks it for certain.
      await KINDS[fault === 0 ? 0 : upTo(KINDS.length - 1, chance)]?.(wire);
    }

    const { exitCode, all } = await run;
    expect(exitCode, all).toBe(0);
    const everyStepOnce = TASKS.flatMap(task => Array.from({ length: STEPS }, (_, n) => `${task} ${n + 1}`));
    expect(ledger.lines.toSorted()).toEqual(everyStepOnce.toSorted());
    for (const task of TASKS) {
      const files = await filesIn(join(desk.path, 'artifacts', `${task}.tar.zst`));
      // Alfred has nothing to say of the task: no failed check, no engine that was away.
      expect(files[`${task}-alfred.log`] ?? '').toBe('');
      for (let step = 1; step <= STEPS; step += 1) {
        expect(withoutTimestamps(files[`${task}-step-${step}.log`])).toBe(expectedLog(step));
        expect(files).toHaveProperty(`bytes-${step}`);
      }
    }
    expect(wire.connections).toBeGreaterThan(1);
    const instance = await server.instance();
    expect((await server.stop()).exitCode).toBe(0);
    expect([...(await leftOnEngine(instance)), ...(await readdir(server.workspace))]).toEqual([]);
  });
});
