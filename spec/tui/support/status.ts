/** Servers as the dashboard sees them, with everything that a spec does not care about filled in. */
import { List } from 'immutable';
import type { JobId, NodeId } from '../../../src/domain/names.ts';
import type { JobStatus, NodeStatus, ServerInfo, TaskStatus } from '../../../src/domain/status.ts';
import type { TaskState } from '../../../src/domain/task.ts';
import type { ServerStatus } from '../../../src/tui/port.ts';

/** Local time: screens show the clock of whoever looks. */
export const NOW = new Date(2026, 10, 23, 14, 30, 0).getTime();

export const ago = ({ hours = 0, minutes = 0, seconds = 0 }): number => NOW - ((hours * 60 + minutes) * 60 + seconds) * 1_000;

export const task = (name: string, state: TaskState = 'queued', changes: Partial<TaskStatus> = {}): TaskStatus => ({
  name,
  state,
  exitCode: null,
  startedAt: state === 'queued' ? null : ago({ minutes: 4 }),
  endedAt: state === 'queued' || state === 'running' ? null : ago({ minutes: 1, seconds: 30 }),
  reason: null,
  keptUntil: null,
  ...changes,
});

/** Complete when none of its tasks is queued or running. */
export const job = (name: string, tasks: readonly TaskStatus[], changes: Partial<JobStatus> = {}): JobStatus => ({
  name: name as JobId,
  about: `about ${name}`,
  tasks: List(tasks),
  scheduledAt: ago({ minutes: 5 }),
  completedAt: tasks.some(({ state }) => state === 'queued' || state === 'running') ? null : ago({ minutes: 1 }),
  jobfile: '',
  commandLine: `alfred run ${name}.yaml`,
  startedBy: 'ada',
  ...changes,
});

/** `slots`: per slot `job/task`, or nothing. */
export const node = (
  name: string,
  slots: readonly string[] = ['', ''],
  changes: Partial<Omit<NodeStatus, 'name' | 'slots'>> = {},
): NodeStatus => ({
  name: name as NodeId,
  state: 'online',
  slots: slots.map((held, id) => {
    const [jobName, taskName] = held.split('/');
    return { id, task: taskName === undefined ? null : { job: jobName as JobId, name: taskName } };
  }),
  reason: null,
  unreachable: null,
  activity: null,
  ...changes,
});

export const info: ServerInfo = {
  startedAt: ago({ hours: 76 }),
  provisioner: 'openstack',
  maxNodes: 8,
  slotsPerNode: 4,
  logLevel: 'INFO',
  provisioningDelayMs: 20_000,
  openstackFlavor: 'c2-r8',
  taskStartupDelayMs: 1_000,
  taskTimeoutMs: 18_000_000,
};

export const status = (jobs: readonly JobStatus[], nodes: readonly NodeStatus[] = []): ServerStatus => ({
  jobs,
  nodes,
  server: info,
});

const numbered = (name: string, count: number, make: (name: string) => TaskStatus): readonly TaskStatus[] =>
  Array.from({ length: count }, (_, index) => make(`${name}-${index + 1}`));

/** An afternoon with something of everything. */
export const busyServer: ServerStatus = status(
  [
    job('lint-calm-otter', [task('types', 'completed'), task('format', 'completed')], {
      scheduledAt: ago({ hours: 30 }),
      completedAt: ago({ hours: 29, minutes: 58 }),
    }),
    job(
      'unit-brave-heron',
      [
        ...numbered('unit', 9, name => task(name, 'completed')),
        task('flaky', 'failed', { exitCode: 1 }),
        task('huge', 'failed', { exitCode: 137, reason: 'out of memory' }),
        task('old-api', 'failed', { exitCode: 42 }),
        task('windows', 'skipped', { exitCode: 43 }),
        task('endless', 'timedOut'),
      ],
      { startedBy: '田中さん', scheduledAt: ago({ minutes: 40 }), completedAt: ago({ minutes: 28 }) },
    ),
    job(
      'integration-tests-splendid-woodpecker',
      [
        ...numbered('api', 3, name => task(name, 'running')),
        task('search', 'running', { startedAt: ago({ seconds: 72 }) }),
        ...numbered('billing', 12, name => task(name, 'completed')),
        task('mail', 'failed', { exitCode: 2 }),
        ...numbered('late', 7, name => task(name)),
      ],
      { startedBy: 'grace', commandLine: 'alfred run ci/integration.yaml -p BRANCH=main' },
    ),
    job('deploy-quiet-lynx', [task('preview', 'running'), task('smoke')], { scheduledAt: ago({ seconds: 50 }) }),
    job('docs-warm-gull', [task('build', 'aborted'), task('links', 'aborted')]),
  ],
  [
    node('node-10', ['', '', '', '']),
    node('node-9', [
      'integration-tests-splendid-woodpecker/api-1',
      'integration-tests-splendid-woodpecker/api-2',
      'deploy-quiet-lynx/preview',
      '',
    ]),
    node('node-11', ['', '', '', ''], { state: 'failedProvisioning', reason: 'No valid host was found.' }),
    node('node-2', [
      'integration-tests-splendid-woodpecker/search',
      'integration-tests-splendid-woodpecker/search',
      'integration-tests-splendid-woodpecker/search',
      'integration-tests-splendid-woodpecker/api-3',
    ]),
    node('node-12', ['', '', '', ''], { state: 'provisioning' }),
  ],
);

/** Nodes that are more than online: one out of reach, one that receives an image, one on its way. */
export const elsewhere: ServerStatus = {
  ...busyServer,
  nodes: [
    node('node-1', ['deploy-quiet-lynx/preview', 'deploy-quiet-lynx/smoke'], {
      unreachable: { since: ago({ minutes: 2 }), why: 'no answer from 10.77.0.12' },
    }),
    node('node-2', ['deploy-quiet-lynx/docs', ''], { activity: 'receiving image 3f2a… 43% (51 MB/s)' }),
    node('node-3', ['', ''], { state: 'provisioning', activity: 'waiting for ssh' }),
  ],
};

/** Tasks that failed and stay for people to look into, on their slots; one that failed on a node that keeps nothing. */
export const keptJob: ServerStatus = status(
  [
    job('nightly-brave-otter', [
      task('unit', 'completed'),
      task('api', 'failed', { exitCode: 3, keptUntil: NOW + 872_000 }),
      task('web', 'timedOut', { keptUntil: NOW + 65_000 }),
      task('docs', 'failed', { exitCode: 137, reason: 'out of memory' }),
    ]),
  ].map(each => ({ ...each, completedAt: null })),
  [node('node-1', ['nightly-brave-otter/api', 'nightly-brave-otter/web', '', ''])],
);
