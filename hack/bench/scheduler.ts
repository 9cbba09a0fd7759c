/**
 * What an input costs the scheduler by itself, with no engine and no journal behind it, and that the length of the queue is
 * no part of it. Tasks end one after the other, each followed by a tick; new jobs come as fast as old ones finish, so that the
 * queue keeps its length.
 */
import type { JobSpec, Submission } from '../../src/domain/job.ts';
import type { JobId } from '../../src/domain/names.ts';
import type { TaskRun } from '../../src/domain/task.ts';
import type { Input } from '../../src/scheduler/input.ts';
import { initialState, type State } from '../../src/scheduler/state.ts';
import { transition } from '../../src/scheduler/transition.ts';
import { median } from './median.ts';
import type { Benchmark, Row } from './row.ts';

const SIZES = [1_000, 10_000, 100_000] as const;
const NODES = 64;
const SLOTS_PER_NODE = 8;
const TASKS_PER_JOB = 100;
const INPUTS_PER_SAMPLE = 10_000;
/** Taken in turns among the sizes, so that whatever else the machine does meets all of them. The first ones warm up. */
const SAMPLES = 12;
const WARM_UPS = 4;

/** How much dearer an input may be with the longest queue than with the shortest. */
const LIMIT = 1.5;

export const benchScheduler: Benchmark = async () => {
  const loads = SIZES.map(size => ({ size, load: newLoad(size), samples: [] as number[] }));
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    for (const { load, samples } of loads) {
      const micros = load.sample();
      if (sample >= WARM_UPS) samples.push(micros);
    }
  }
  const rows = loads.map(({ size, samples }) => ({ size, value: median(samples) }));
  const [shortest] = rows;
  return rows.map(row => rowOf(row, row === shortest ? undefined : shortest));
};

type Figure = { readonly size: number; readonly value: number };

const rowOf = ({ size, value }: Figure, baseline: Figure | undefined): Row => {
  const row = { name: `scheduler: per input, ${text(size)} tasks queued`, value, unit: 'µs' };
  if (baseline === undefined) return row;
  const { size: least, value: baselineValue } = baseline;
  return {
    ...row,
    baseline: { name: `${text(least)} queued`, value: baselineValue },
    ratio: value / baselineValue,
    limit: LIMIT,
  };
};

const text = (count: number): string => count.toLocaleString('en');

type Load = {
  /** Microseconds per input, over as many as make a sample. */
  sample(): number;
};

/** A pool that is busy in every slot, and so many tasks behind. */
const newLoad = (queued: number): Load => {
  const running: TaskRun[] = [];
  let state: State = initialState;
  let now = 0;
  let jobs = 0;
  let ended = 0;

  const take = (input: Unstamped): void => {
    const next = transition(state, { ...input, at: now } as Input);
    state = next.state;
    for (const effect of next.effects) {
      if (effect.type === 'runTask') running.push(effect.run);
      if (effect.type === 'provisionNode') take({ type: 'nodeProvisioned', nodeId: effect.nodeId });
    }
  };

  const submit = (): void => {
    jobs += 1;
    take({ type: 'jobSubmitted', requestId: jobs, jobId: `job-${jobs}` as JobId, submission: SUBMISSION });
  };

  /** Two inputs, or three when a job follows. */
  const endOldest = (): number => {
    const run = running.shift();
    if (run === undefined) throw new Error('nothing runs: the load is no load');
    now += 1;
    take({ type: 'taskEnded', jobId: run.jobId, index: run.index, result: { type: 'exited', code: 0 } });
    ended += 1;
    const follows = ended % TASKS_PER_JOB === 0;
    if (follows) submit();
    take({ type: 'tick' });
    return follows ? 3 : 2;
  };

  take({ type: 'serverStarted', config: CONFIG });
  for (let tasks = 0; tasks < queued + NODES * SLOTS_PER_NODE; tasks += TASKS_PER_JOB) submit();
  take({ type: 'tick' });
  take({ type: 'tick' });

  return {
    sample: () => {
      const from = performance.now();
      let inputs = 0;
      while (inputs < INPUTS_PER_SAMPLE) inputs += endOldest();
      return ((performance.now() - from) * 1_000) / inputs;
    },
  };
};

type Unstamped = Input extends infer Each ? (Each extends Input ? Omit<Each, 'at'> : never) : never;

const CONFIG = {
  maxNodes: NODES,
  slotsPerNode: SLOTS_PER_NODE,
  taskStartupDelayMs: 0,
  taskTimeoutMs: 0,
  provisioningDelayMs: 0,
  provisioningFailureCooldownMs: 0,
  nodeIdleTimeoutMs: 0,
};

const SPEC: JobSpec = {
  name: 'bench',
  about: '',
  steps: ['sha256:step'],
  env: [],
  secrets: [],
  services: [],
  tasks: Array.from({ length: TASKS_PER_JOB }, (_, index) => ({ name: `task-${index}`, slots: 1 })),
  keepFailedMs: 0,
};

const SUBMISSION: Submission = { spec: SPEC, jobfile: '', commandLine: '', startedBy: 'bench' };
