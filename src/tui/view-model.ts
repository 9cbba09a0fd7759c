/**
 * What a person is to see, in words and figures: which rows, in which order, what is asked and what can be done. Knows
 * neither sizes nor colours beyond the jobs' own: `render` does.
 */
import { amount, count, formatElapsed } from '../base/figures.ts';
import type { JobId, NodeId } from '../domain/names.ts';
import type { JobStatus, NodeStatus, ServerInfo } from '../domain/status.ts';
import type { Cursor } from './cursor.ts';
import { setting } from './figures.ts';
import { matches } from './filter.ts';
import { huesOf } from './hues.ts';
import { type JobRow, jobHaystack, toJobRow } from './job-rows.ts';
import type { Log } from './log.ts';
import { type LogLine, type LogPlace, linesOf } from './log.ts';
import type { Connection, Model } from './model.ts';
import { type NodeRow, nodeHaystack, nodesInOrder, toNodeRow } from './node-rows.ts';
import type { History } from './plots.ts';
import { countKinds } from './task-kind.ts';
import { type TaskRow, taskHaystack, tasksInOrder, toTaskRow } from './task-rows.ts';
import { activeOf, type CancelTarget, type Filtered, type ListName, type Notice, type Ui } from './ui.ts';

export type TitleView = {
  readonly address: string;
  readonly build: { readonly version: string; readonly commit: string } | null;
  /** `null` until the server has said. */
  readonly uptime: string | null;
  readonly connection: ConnectionView;
};

export type ConnectionView =
  | { readonly type: 'connecting' }
  | { readonly type: 'live' }
  | { readonly type: 'lost'; readonly why: string; readonly forHowLong: string; readonly nextTry: string };

/** A list with what is chosen in it. */
export type ListView<Item extends { readonly key: string }> = {
  readonly items: readonly Item[];
  readonly cursor: Cursor;
  readonly filter: string;
  /** How many there are without the filter. */
  readonly total: number;
  /** Whether the keys act upon it. */
  readonly isActive: boolean;
};

export type OverviewView = {
  readonly type: 'overview';
  readonly history: History;
  readonly now: number;
  readonly nodes: ListView<NodeRow>;
  readonly jobs: ListView<JobRow>;
};

export type JobView = {
  readonly type: 'job';
  readonly job: JobRow;
  readonly about: string;
  readonly commandLine: string;
  readonly tasks: ListView<TaskRow>;
};

export type LogView = {
  readonly type: 'log';
  readonly job: string;
  readonly task: string;
  /** `null` when the server does not know the task (any more). */
  readonly row: TaskRow | null;
  readonly phase: Log['phase'];
  readonly message: string;
  readonly lines: readonly LogLine[];
  readonly place: LogPlace;
  readonly filter: string;
};

/** Nothing to show, and why. */
export type EmptyView = { readonly type: 'empty'; readonly text: string };

export type BodyView = OverviewView | JobView | LogView | EmptyView;

export type FooterView =
  | { readonly type: 'hints'; readonly hints: readonly Hint[] }
  | { readonly type: 'question'; readonly text: string }
  | { readonly type: 'filter'; readonly subject: string; readonly text: string }
  | { readonly type: 'notice'; readonly tone: Notice['tone']; readonly text: string };

export type Hint = { readonly key: string; readonly word: string };

export type ViewModel = {
  readonly title: TitleView;
  /** What the server was told to be, most important first; empty until it has said. */
  readonly settings: readonly string[];
  readonly body: BodyView;
  readonly footer: FooterView;
  readonly isHelpOpen: boolean;
};

/** All unfinished jobs are listed, and so many of the others. */
const MOST_FINISHED_JOBS = 50;

export const toViewModel = (model: Model): ViewModel => ({
  title: {
    address: model.address,
    build: model.build,
    uptime: model.status === null ? null : formatElapsed(model.now - model.status.server.startedAt),
    connection: toConnectionView(model.connection, model.now),
  },
  settings: model.status === null ? [] : settingsOf(model.status.server),
  body: toBody(model),
  footer: toFooter(model),
  isHelpOpen: model.ui.prompt?.type === 'help',
});

const toConnectionView = (connection: Connection, now: number): ConnectionView =>
  connection.type === 'lost'
    ? {
        type: 'lost',
        why: connection.why,
        forHowLong: formatElapsed(now - connection.since),
        nextTry: connection.retryAt <= now ? 'trying now' : `next try in ${formatElapsed(connection.retryAt - now + 999)}`,
      }
    : connection;

const settingsOf = (server: ServerInfo): readonly string[] => [
  [server.provisioner, server.openstackFlavor].filter(Boolean).join(' '),
  `max ${amount(server.maxNodes)}×${count(server.slotsPerNode, 'slot')}`,
  `timeout ${setting(server.taskTimeoutMs)}`,
  `delays ${setting(server.taskStartupDelayMs)} task, ${setting(server.provisioningDelayMs)} node`,
  `log ${server.logLevel.toLowerCase()}`,
];

const toBody = (model: Model): BodyView => {
  const { status, ui } = model;
  if (status === null) return { type: 'empty', text: `Connecting to ${model.address}…` };
  if (ui.place.type === 'overview') return toOverview(model, status.nodes, status.jobs);
  const { job: name } = ui.place;
  const job = status.jobs.find(candidate => candidate.name === name);
  if (ui.place.type === 'log') return toLogView(model, ui.place.task, job, status.nodes);
  if (job === undefined) return { type: 'empty', text: `The server does not list ${name} any more.` };
  return toJobView(model, job, status.jobs, status.nodes);
};

const toOverview = (model: Model, nodes: readonly NodeStatus[], jobs: readonly JobStatus[]): OverviewView => {
  const { ui, now } = model;
  const hues = huesOf(jobs);
  const wantedNodes = nodes.filter(node => ui.filters.nodes === '' || matches(ui.filters.nodes, nodeHaystack(node)));
  const wantedJobs = jobs.filter(job => ui.filters.jobs === '' || matches(ui.filters.jobs, jobHaystack(job)));
  return {
    type: 'overview',
    history: model.history,
    now,
    nodes: toList(
      ui,
      'nodes',
      nodesInOrder(wantedNodes).map(node => toNodeRow(node, hues, now)),
      nodes.length,
    ),
    jobs: toList(
      ui,
      'jobs',
      jobsInOrder(wantedJobs).map(job => toJobRow(job, hues, now)),
      jobs.length,
    ),
  };
};

const jobsInOrder = (jobs: readonly JobStatus[]): readonly JobStatus[] => {
  const newestFirst = jobs.toReversed();
  return [
    ...newestFirst.filter(({ completedAt }) => completedAt === null),
    ...newestFirst.filter(({ completedAt }) => completedAt !== null).slice(0, MOST_FINISHED_JOBS),
  ];
};

const toList = <Item extends { readonly key: string }>(
  ui: Ui,
  name: ListName,
  items: readonly Item[],
  total: number,
): ListView<Item> => ({
  items,
  cursor: ui.cursors[name],
  filter: ui.filters[name],
  total,
  isActive: activeOf(ui) === name,
});

const toJobView = ({ ui, now }: Model, job: JobStatus, jobs: readonly JobStatus[], nodes: readonly NodeStatus[]): JobView => {
  const wanted = job.tasks.filter(task => ui.filters.tasks === '' || matches(ui.filters.tasks, taskHaystack(task)));
  const nodeOf = nodesOfTasks(nodes, job.name);
  return {
    type: 'job',
    job: toJobRow(job, huesOf(jobs), now),
    about: job.about,
    commandLine: job.commandLine,
    tasks: toList(
      ui,
      'tasks',
      tasksInOrder(wanted).map(task => toTaskRow(task, nodeOf.get(task.name) ?? null, now)),
      job.tasks.size,
    ),
  };
};

const nodesOfTasks = (nodes: readonly NodeStatus[], job: JobId): ReadonlyMap<string, NodeId> =>
  new Map(nodes.flatMap(node => node.slots.flatMap(({ task }) => (task?.job === job ? [[task.name, node.name] as const] : []))));

const toLogView = (
  { ui, log, now }: Model,
  taskName: string,
  job: JobStatus | undefined,
  nodes: readonly NodeStatus[],
): BodyView => {
  if (log === null) return { type: 'empty', text: '' };
  const task = job?.tasks.find(({ name }) => name === taskName);
  const node = job === undefined ? null : (nodesOfTasks(nodes, job.name).get(taskName) ?? null);
  return {
    type: 'log',
    job: log.job,
    task: log.task,
    row: task === undefined ? null : toTaskRow(task, node, now),
    phase: log.phase,
    message: log.message,
    lines: linesOf(log, ui.filters.log),
    place: ui.logPlace,
    filter: ui.filters.log,
  };
};

const SUBJECTS: Readonly<Record<Filtered, string>> = { nodes: 'nodes', jobs: 'jobs', tasks: 'tasks', log: 'lines' };

const toFooter = (model: Model): FooterView => {
  const { prompt, notice } = model.ui;
  if (prompt?.type === 'cancel') return { type: 'question', text: questionFor(prompt.target, model.status?.jobs ?? []) };
  if (prompt?.type === 'filter') return { type: 'filter', subject: SUBJECTS[prompt.of], text: model.ui.filters[prompt.of] };
  if (notice !== null) return { type: 'notice', tone: notice.tone, text: notice.text };
  return { type: 'hints', hints: hintsFor(model.ui) };
};

const questionFor = ({ job: name, task }: CancelTarget, jobs: readonly JobStatus[]): string => {
  if (task !== null) return `Cancel ${task} of ${name}?`;
  const job = jobs.find(candidate => candidate.name === name);
  if (job === undefined) return `Cancel ${name}?`;
  const { running, queued } = countKinds(job);
  return `Cancel ${name} (${amount(running)} running, ${amount(queued)} queued)?`;
};

const COMMON_HINTS: readonly Hint[] = [
  { key: '/', word: 'filter' },
  { key: '?', word: 'help' },
  { key: 'q', word: 'quit' },
];

const hintsFor = (ui: Ui): readonly Hint[] => {
  switch (activeOf(ui)) {
    case 'nodes':
      return [{ key: 'Tab', word: 'jobs' }, { key: '↑↓', word: 'move' }, ...COMMON_HINTS];
    case 'jobs':
      return [
        { key: 'Tab', word: 'nodes' },
        { key: '↑↓', word: 'move' },
        { key: 'Enter', word: 'open' },
        { key: 'c', word: 'cancel' },
        ...COMMON_HINTS,
      ];
    case 'tasks':
      return [
        { key: 'Esc', word: 'back' },
        { key: '↑↓', word: 'move' },
        { key: 'Enter', word: 'log' },
        { key: 'c', word: 'cancel' },
        ...COMMON_HINTS,
      ];
    case 'log':
      return [
        { key: 'Esc', word: 'back' },
        { key: '↑↓←→', word: 'scroll' },
        { key: 'End', word: 'follow' },
        { key: 'c', word: 'cancel' },
        ...COMMON_HINTS,
      ];
  }
};
