/**
 * What it costs that nothing is lost: the scheduler's turns with a journal on this machine's disk against the same turns
 * without one; how long a restart takes; how much disk a task takes. A turn is one write, so what matters is how much a turn
 * holds: the busier the server, the cheaper each fact.
 */
import { mkdtempDisposable, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../src/base/log.ts';
import type { JobSpec, Submission } from '../../src/domain/job.ts';
import type { JobId } from '../../src/domain/names.ts';
import type { TaskRun } from '../../src/domain/task.ts';
import { startingStatus } from '../../src/engine/status.ts';
import type { Fact } from '../../src/scheduler/fact.ts';
import type { Input } from '../../src/scheduler/input.ts';
import { initialState, type State } from '../../src/scheduler/state.ts';
import { transition } from '../../src/scheduler/transition.ts';
import { openJournal, type ServerJournal } from '../../src/store/journal.ts';
import type { Benchmark, Row } from './row.ts';

const TASKS_PER_JOB = 10;
const LIVE_TASKS = 1_000;
const FINISHED_TASKS = 10_000;
const TURN_SIZES = [1, 10, 100, 1_000] as const;
const SAMPLE_MS = 1_500;

/** How much longer a restart may take with five times the history. */
const RESTART_LIMIT = 2;

const BYTES_LIMIT = 1_000;

export const benchJournal: Benchmark = async () => {
  const rows: Row[] = [];
  for (const size of TURN_SIZES) rows.push(await benchFacts(size));
  for (const size of [1, 100]) rows.push(await benchJobs(size));
  return [...rows, ...(await benchRestarts())];
};

/** Tasks that end and begin, so many a turn. */
const benchFacts = async (size: number): Promise<Row> =>
  againstNone(`journal: facts, turns in which ${text(size)} task${size === 1 ? ' ends' : 's end'}`, 'facts/s', append => {
    const player = newPlayer(append);
    player.fill();
    return () => player.endTasks(size);
  });

/** Jobs that are accepted, so many a turn. */
const benchJobs = async (size: number): Promise<Row> =>
  againstNone(`journal: jobs accepted, ${text(size)} a turn`, 'jobs/s', append => {
    const player = newPlayer(append);
    return () => {
      player.submit(size);
      return size;
    };
  });

type Append = ServerJournal['append'];

/** A rate with a journal, and the same without. `prepare` gives what makes a turn, and says how much it did. */
const againstNone = async (name: string, unit: string, prepare: (append: Append) => () => number): Promise<Row> => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'alfred-bench-'));
  const journal = openJournal({ folder: folder.path, log: silent });
  journal.load();
  const value = rate(prepare(journal.append));
  journal.close();
  const without = rate(prepare(() => {}));
  return { name, value, unit, baseline: { name: 'without a journal', value: without }, ratio: without / value };
};

/** Per second. */
const rate = (work: () => number): number => {
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < SAMPLE_MS) done += work();
  return (done / (performance.now() - start)) * 1_000;
};

/** How long a restart takes depends on what is live: five times the history must not show. */
const benchRestarts = async (): Promise<readonly Row[]> => {
  const short = await restartAfter(FINISHED_TASKS);
  const long = await restartAfter(5 * FINISHED_TASKS);
  const name = (finished: number) => `journal: restart with ${text(LIVE_TASKS)} live and ${text(finished)} finished tasks`;
  return [
    { name: name(FINISHED_TASKS), value: short.restartMs, unit: 'ms' },
    {
      name: name(5 * FINISHED_TASKS),
      value: long.restartMs,
      unit: 'ms',
      baseline: { name: `${text(FINISHED_TASKS)} finished`, value: short.restartMs },
      ratio: long.restartMs / short.restartMs,
      limit: RESTART_LIMIT,
    },
    {
      name: 'journal: size on disk per task, history and facts together',
      value: long.bytesPerTask,
      unit: 'bytes',
      limit: BYTES_LIMIT,
    },
  ];
};

const restartAfter = async (finished: number): Promise<{ readonly restartMs: number; readonly bytesPerTask: number }> => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'alfred-bench-'));
  const journal = openJournal({ folder: folder.path, log: silent });
  journal.load();
  const player = newPlayer(journal.append);
  player.fill();
  for (let ended = 0; ended < finished; ended += 100) player.endTasks(100);
  journal.close();
  const { size } = await stat(join(folder.path, 'journal.db'));

  const start = performance.now();
  const reopened = openJournal({ folder: folder.path, log: silent });
  startingStatus(reopened.load(), reopened.history);
  const restartMs = performance.now() - start;
  reopened.close();
  return { restartMs, bytesPerTask: size / (finished + LIVE_TASKS) };
};

const text = (count: number): string => count.toLocaleString('en');

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

type Unstamped = Input extends infer I ? (I extends Input ? Omit<I, 'at'> : never) : never;

/** A server whose pool holds {@link LIVE_TASKS} tasks: each turn goes through the scheduler and to `append`. */
const newPlayer = (append: Append) => {
  const running: TaskRun[] = [];
  let provisioned: Unstamped[] = [];
  let state: State = initialState;
  let jobs = 0;
  let now = 0;

  /** How many facts came of it. */
  const turn = (inputs: readonly Unstamped[]): number => {
    now += 1;
    const facts: Fact[] = [];
    for (const input of [...inputs, { type: 'tick' } as const]) {
      const next = transition(state, { ...input, at: now } as Input);
      state = next.state;
      for (const fact of next.facts) facts.push(fact);
      for (const effect of next.effects) {
        if (effect.type === 'runTask') running.push(effect.run);
        if (effect.type === 'provisionNode') provisioned.push({ type: 'nodeProvisioned', nodeId: effect.nodeId });
      }
    }
    append(facts, state);
    return facts.length;
  };

  const submissions = (count: number): readonly Unstamped[] =>
    Array.from({ length: count }, () => {
      jobs += 1;
      return { type: 'jobSubmitted', requestId: jobs, jobId: `build-quick-fox-${jobs}` as JobId, submission: SUBMISSION };
    });

  turn([{ type: 'serverStarted', config: CONFIG }]);
  return {
    submit: (count: number) => turn(submissions(count)),
    /** Takes jobs until every slot is busy. */
    fill: () => {
      turn(submissions((2 * LIVE_TASKS) / TASKS_PER_JOB));
      while (provisioned.length > 0) {
        const inputs = provisioned;
        provisioned = [];
        turn(inputs);
      }
    },
    /** So many tasks end; jobs with as many come in. */
    endTasks: (count: number) => {
      const ended = running.splice(0, count).map(({ jobId, index }): Unstamped => {
        return { type: 'taskEnded', jobId, index, result: { type: 'exited', code: 0 } };
      });
      const missing = Math.floor((now * count) / TASKS_PER_JOB) - Math.floor(((now - 1) * count) / TASKS_PER_JOB);
      return turn([...ended, ...submissions(missing)]);
    },
  };
};

const SLOTS_PER_NODE = 8;

const CONFIG = {
  maxNodes: LIVE_TASKS / SLOTS_PER_NODE,
  slotsPerNode: SLOTS_PER_NODE,
  taskStartupDelayMs: 0,
  taskTimeoutMs: 0,
  provisioningDelayMs: 0,
  provisioningFailureCooldownMs: 0,
  nodeIdleTimeoutMs: 0,
};

/** As large as jobs of this kind are: a page of YAML, two steps, a service. */
const SPEC: JobSpec = {
  name: 'build',
  about: 'Unit tests and linters, one task for each package',
  steps: [`sha256:${'0123456789abcdef'.repeat(4)}`, `sha256:${'fedcba9876543210'.repeat(4)}`],
  env: [{ key: 'NODE_ENV', value: 'test' }],
  secrets: [{ key: 'NPM_TOKEN', value: 'npm-token' }],
  services: [{ name: 'redis', image: 'redis:7', env: [], command: [], tmpfs: [], health: null }],
  tasks: Array.from({ length: TASKS_PER_JOB }, (_, index) => ({ name: `package-${index}`, slots: 1 })),
  keepFailedMs: 0,
};

const SUBMISSION: Submission = {
  spec: SPEC,
  jobfile: 'steps:\n  - dockerfile: hack/ci/Dockerfile\n    context: .\n'.repeat(20),
  commandLine: 'alfred run hack/unit.yaml --param BRANCH=main',
  startedBy: 'ada',
};
