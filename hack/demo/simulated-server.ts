/**
 * A server without Docker: the real scheduler and the real engine, with nodes and tasks that are only timers. Its clock starts
 * in the past and runs ahead to the present, so that there is something to be seen.
 */
import { auditTime, map, type SchedulerLike, Subject } from 'rxjs';
import { type Chance, dice, upTo } from '../../spec/support/chance.ts';
import { createMemoryJournal } from '../../spec/support/memory-journal.ts';
import { createVirtualTime } from '../../spec/support/virtual-time.ts';
import type { Log } from '../../src/base/log.ts';
import type { JobId, NodeId } from '../../src/domain/names.ts';
import type { ServerInfo } from '../../src/domain/status.ts';
import type { TaskResult } from '../../src/domain/task.ts';
import type { LogPiece } from '../../src/domain/task-log.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import type { NodeActivity, NodeNews, Provisioner, RemoteProvisioner, TaskRunner } from '../../src/engine/ports.ts';
import { emptyStatus } from '../../src/engine/status.ts';
import { createViews, type Views } from '../../src/engine/views.ts';
import type { SchedulerConfig } from '../../src/scheduler/config.ts';
import { freshJobId } from '../../src/server/job-names.ts';
import type { DashboardClient } from '../../src/tui/port.ts';
import { linesUntil } from './log-text.ts';
import { anyDurationMs, anyPause, anyResult, anySubmission } from './workload.ts';

const CONFIG: SchedulerConfig = {
  maxNodes: 8,
  slotsPerNode: 8,
  taskStartupDelayMs: 1_000,
  taskTimeoutMs: 300_000,
  provisioningDelayMs: 20_000,
  provisioningFailureCooldownMs: 60_000,
  nodeIdleTimeoutMs: 30_000,
};

/** How long the server had been at work before anyone looks, and how long they had looked when the clock is caught up with. */
const UNSEEN_MS = 40 * 60_000;
const SEEN_MS = 5 * 60_000;

/** How often its clock follows the real one. */
const PULSE_MS = 40;

export type SimulatedServer = {
  readonly client: DashboardClient;
  /** Its clock. Five minutes behind, until {@link SimulatedServer.catchUp} is called. */
  readonly scheduler: SchedulerLike;
  /** Lets the five minutes go by in a second or two; from then on its clock goes with the real one. */
  catchUp(): Promise<void>;
  stop(): void;
};

export const startSimulatedServer = async (seed: number): Promise<SimulatedServer> => {
  const chance = dice(seed);
  const { time, advance, wait, now } = createVirtualTime();
  const startedAt = Date.now() - UNSEEN_MS - SEEN_MS;
  await advance(startedAt);

  const onBug = (error: unknown): void => {
    throw error;
  };
  const provisioner = simulatedProvisioner(chance, wait);
  const engine = createEngine({
    config: CONFIG,
    runner: simulatedRunner(chance, wait),
    provisioner,
    journal: createMemoryJournal(),
    log: silent,
    onBug,
    time,
  });
  const views = createViews(engine.turns$, provisioner.activity$, emptyStatus, onBug);
  engine.start();
  const submit = (): void => {
    const submission = anySubmission(chance);
    void engine.submit(
      freshJobId(submission.spec.name, name => views.job(name) !== undefined),
      submission,
    );
    void wait(anyPause(chance)).then(submit);
  };
  submit();
  await advance(UNSEEN_MS);

  let isStopped = false;
  const goWithTheClock = async (): Promise<void> => {
    while (!isStopped) {
      await advance(Math.max(0, Date.now() - now()));
      await new Promise(resolve => setTimeout(resolve, PULSE_MS));
    }
  };
  const info: ServerInfo = { ...CONFIG, startedAt, provisioner: 'openstack', logLevel: 'INFO', openstackFlavor: 'c2-r8' };
  return {
    client: clientOf(engine, views, info, time.scheduler),
    scheduler: time.scheduler,
    catchUp: async () => {
      await advance(Date.now() - now());
      void goWithTheClock();
    },
    stop: () => {
      isStopped = true;
    },
  };
};

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

type Wait = (ms: number) => Promise<void>;

const simulatedRunner = (chance: Chance, wait: Wait): TaskRunner => ({
  run: (_run, signal) => {
    const stopped = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
    return Promise.race([
      wait(anyDurationMs(chance)).then(() => anyResult(chance)),
      stopped.then(() => wait(upTo(4_000, chance))).then((): TaskResult => ({ type: 'stopped' })),
    ]);
  },
  cleanUp: () => Promise.resolve(),
});

const simulatedProvisioner = (chance: Chance, wait: Wait): Provisioner & Pick<RemoteProvisioner, 'activity$'> => {
  const news$ = new Subject<NodeNews>();
  const activity$ = new Subject<NodeActivity>();
  /** Some are cut off for a while, some time after they came. */
  const cutOff = async (nodeId: NodeId): Promise<void> => {
    await wait(upTo(180_000, chance));
    news$.next({ type: 'unreachable', nodeId, why: 'no answer from 10.77.0.12' });
    await wait(upTo(150_000, chance));
    news$.next({ type: 'reachable', nodeId });
  };
  /** Each receives an image now and then. */
  const receiveImages = async (nodeId: NodeId): Promise<void> => {
    for (let image = 0; image < 3; image++) {
      await wait(upTo(60_000, chance));
      for (let percent = upTo(20, chance); percent < 100; percent += upTo(9, chance)) {
        activity$.next({ nodeId, activity: `receiving image 3f2a9c01d7e4… ${percent}% (${40 + upTo(25, chance)} MB/s)` });
        await wait(1_000);
      }
      activity$.next({ nodeId, activity: null });
    }
  };
  return {
    name: 'openstack',
    provision: async nodeId => {
      activity$.next({ nodeId, activity: 'booting' });
      await wait(8_000 + upTo(20_000, chance));
      activity$.next({ nodeId, activity: 'waiting for ssh' });
      await wait(4_000 + upTo(10_000, chance));
      activity$.next({ nodeId, activity: null });
      if (chance() < 0.12) throw new Error('No valid host was found. There are not enough hosts available.');
      if (chance() < 0.3) void cutOff(nodeId);
      void receiveImages(nodeId);
    },
    connect: () => Promise.resolve(),
    terminate: () => wait(6_000),
    news$,
    activity$,
  };
};

const clientOf = (engine: Engine, views: Views, server: ServerInfo, scheduler: SchedulerLike): DashboardClient => ({
  ping: () => Promise.resolve({ version: '1.0.0', commit: 'demo' }),
  watchStatus: () =>
    views.status$.pipe(
      auditTime(1_000, scheduler),
      map(({ jobs, nodes }) => ({ jobs, nodes, server })),
    ),
  readLogs: (job, task, { tailLines, follow }, signal) =>
    readLogs(views, scheduler, job as JobId, task, { tailLines, follow }, signal),
  cancelJob: async job => {
    const refusal = await engine.cancelJob(job as JobId);
    if (refusal !== null) throw new Error(refusal.message);
  },
  cancelTask: async (job, task) => {
    const index = views.job(job as JobId)?.tasks.findIndex(({ name }) => name === task) ?? -1;
    const refusal = await engine.cancelTask(job as JobId, index);
    if (refusal !== null) throw new Error(refusal.message);
  },
});

async function* readLogs(
  views: Views,
  scheduler: SchedulerLike,
  job: JobId,
  taskName: string,
  { tailLines, follow }: { readonly tailLines: number; readonly follow: boolean },
  signal: AbortSignal,
): AsyncIterable<LogPiece> {
  let sent = 0;
  while (!signal.aborted) {
    const task = views.job(job)?.tasks.find(({ name }) => name === taskName);
    if (task === undefined) throw new Error(`job ${job} has no task ${taskName}`);
    const lines = linesUntil(job, task, scheduler.now());
    const fresh = lines.slice(sent === 0 ? -tailLines : sent);
    if (fresh.length > 0) yield { data: Buffer.from(`${fresh.join('\n')}\n`), position: null };
    sent = lines.length;
    if (!follow || task.endedAt !== null) return;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}
