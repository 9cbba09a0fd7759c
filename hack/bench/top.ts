/** What the dashboard costs: a big server that changes all the time, and one on which nothing happens. No terminal, no server. */
import { List } from 'immutable';
import { dice, upTo } from '../../spec/support/chance.ts';
import type { JobId, NodeId } from '../../src/domain/names.ts';
import type { JobStatus, NodeStatus, TaskStatus } from '../../src/domain/status.ts';
import type { TaskState } from '../../src/domain/task.ts';
import { initialModel, type Model } from '../../src/tui/model.ts';
import { type Frame, paint, type Size } from '../../src/tui/paint.ts';
import type { ServerStatus } from '../../src/tui/port.ts';
import { render } from '../../src/tui/render.ts';
import { update } from '../../src/tui/update.ts';
import { toViewModel } from '../../src/tui/view-model.ts';
import { median } from './median.ts';
import type { Row } from './row.ts';

const NODES = 100;
const SLOTS = 8;
const JOBS = 50;
const TASKS = 1_000;
const SIZE: Size = { columns: 160, rows: 50 };
const NOW = Date.UTC(2026, 0, 15, 12);

const chance = dice(1);

const TASK_STATES: readonly TaskState[] = ['queued', 'running', 'completed', 'completed', 'completed', 'failed', 'skipped'];

const anyTask = (name: string): TaskStatus => ({
  name,
  state: TASK_STATES[upTo(TASK_STATES.length - 1, chance)] ?? 'queued',
  exitCode: null,
  startedAt: NOW - upTo(600_000, chance),
  endedAt: null,
  reason: null,
  keptUntil: null,
});

/** The same in new objects, as every message of a server is: nothing that was counted before is known. */
const renewed = (status: ServerStatus): ServerStatus => ({ ...status, jobs: status.jobs.map(job => ({ ...job })) });

const anyStatus = (): ServerStatus => ({
  jobs: Array.from(
    { length: JOBS },
    (_, index): JobStatus => ({
      name: `benchmark-job-${index}` as JobId,
      about: '',
      tasks: List(Array.from({ length: TASKS }, (_task, task) => anyTask(`task-${task}`))),
      scheduledAt: NOW - index * 10_000,
      completedAt: null,
      jobfile: '',
      commandLine: '',
      startedBy: 'ada',
    }),
  ),
  nodes: Array.from(
    { length: NODES },
    (_, index): NodeStatus => ({
      name: `node-${index}` as NodeId,
      state: 'online',
      slots: Array.from({ length: SLOTS }, (_slot, id) => ({
        id,
        task:
          chance() < 0.1
            ? null
            : { job: `benchmark-job-${upTo(JOBS - 1, chance)}` as JobId, name: `task-${upTo(TASKS - 1, chance)}` },
      })),
      reason: null,
      unreachable: null,
      activity: null,
    }),
  ),
  server: {
    startedAt: NOW - 1e8,
    provisioner: 'openstack',
    maxNodes: NODES,
    slotsPerNode: SLOTS,
    logLevel: 'INFO',
    provisioningDelayMs: 20_000,
    openstackFlavor: 'c2-r8',
    taskStartupDelayMs: 1_000,
    taskTimeoutMs: 0,
  },
});

/** `ms`: of the processor's time, so that a busy machine measures the same. */
type Drawn = { readonly ms: number; readonly bytes: number };

/** Draws a frame for each model and says what it took. */
const draw = (models: Iterable<() => Model>): readonly Drawn[] => {
  let shown: Frame | null = null;
  const drawn: Drawn[] = [];
  for (const make of models) {
    const from = process.threadCpuUsage();
    const model = make();
    const frame = render(toViewModel(model), model.size);
    const text = paint(shown, frame, true);
    const { user, system } = process.threadCpuUsage(from);
    drawn.push({ ms: (user + system) / 1_000, bytes: Buffer.byteLength(text) });
    shown = frame;
  }
  return drawn.slice(WARM_UP);
};

const WARM_UP = 30;
const FRAMES = 90;

const opened = (status: ServerStatus): Model =>
  update(initialModel('bench', SIZE, NOW), { type: 'statusReceived', status }, NOW).model;

/** A second goes by in every frame, and the server is another one. */
const busy = (statuses: readonly ServerStatus[]): readonly (() => Model)[] => {
  let model = opened(anyStatus());
  return Array.from({ length: FRAMES }, (_, frame) => () => {
    const status = statuses[frame % statuses.length];
    if (status === undefined) throw new RangeError('nothing to draw');
    model = update(model, { type: 'statusReceived', status: renewed(status) }, model.now).model;
    model = update(model, { type: 'secondPassed' }, model.now + 1_000).model;
    return model;
  });
};

/** A second goes by in every frame. */
const quiet = (): readonly (() => Model)[] => {
  let model = opened(anyStatus());
  return Array.from({ length: FRAMES }, () => () => {
    model = update(model, { type: 'secondPassed' }, model.now + 1_000).model;
    return model;
  });
};

export const benchTop = async (): Promise<readonly Row[]> => {
  const changing = draw(busy(Array.from({ length: 4 }, anyStatus)));
  const idle = draw(quiet());
  const scale = `${NODES} nodes × ${SLOTS} slots, ${JOBS} jobs × ${amountOf(TASKS)} tasks, ${SIZE.columns}×${SIZE.rows}`;
  return [
    {
      name: `\`top\`, a frame when everything changed; ${scale}`,
      value: median(changing.map(({ ms }) => ms)),
      unit: 'ms',
      limit: 25,
    },
    {
      name: '`top`, written per second when everything changes',
      value: median(changing.map(({ bytes }) => bytes)),
      unit: 'bytes',
    },
    { name: '`top`, a frame when only the clocks changed', value: median(idle.map(({ ms }) => ms)), unit: 'ms', limit: 10 },
    {
      name: '`top`, written per second when only the clocks change',
      value: median(idle.map(({ bytes }) => bytes)),
      unit: 'bytes',
    },
  ];
};

const amountOf = (value: number): string => value.toLocaleString('en');
