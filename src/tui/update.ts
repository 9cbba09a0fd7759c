/**
 * How the dashboard learns: an event comes in, the next model and what is to be done come out. Pure: time comes in with the
 * event. `dashboard` runs it; `view-model` says what of a model a person sees.
 */
import { assertNever } from '../base/invariant.ts';
import { type Key, press } from './keys.ts';
import { layOut } from './layout.ts';
import { appendToLog, type Log, openLog } from './log.ts';
import type { Command, Connection, DashboardEvent, Model } from './model.ts';
import { addSample } from './plots.ts';
import type { ServerStatus } from './port.ts';
import { countKinds } from './task-kind.ts';
import type { CancelTarget, Notice } from './ui.ts';
import { toViewModel } from './view-model.ts';

export type Turn = { readonly model: Model; readonly command: Command | null };

/** How long a notice stays. */
const NOTICE_MS = 6_000;

/** `at`: when the event happened, milliseconds since the epoch. */
export const update = (before: Model, event: DashboardEvent, at: number): Turn => {
  const model = withoutOldNotice({ ...before, now: at });
  if (event.type === 'keyPressed') return afterKey(model, event.key);
  return { model: learn(model, event), command: null };
};

const learn = (model: Model, event: Exclude<DashboardEvent, { type: 'keyPressed' }>): Model => {
  switch (event.type) {
    case 'serverMet':
      return { ...model, build: event.build };
    case 'statusReceived':
      return received(model, event.status);
    case 'connectionLost':
      return { ...model, connection: lost(model, event) };
    case 'resized':
      return { ...model, size: event.size };
    case 'secondPassed':
      return model.connection.type === 'live' && model.status !== null ? sampled(model, model.status) : model;
    case 'logReceived':
      return withLog(model, log => appendToLog(log, event.text, event.restarts));
    case 'logEnded':
      return withLog(model, log => ({ ...log, phase: 'ended' }));
    case 'logFailed':
      return withLog(model, log => ({ ...log, phase: 'failed', message: event.why }));
    case 'cancelDone':
      return withNotice(model, 'good', `${nameOf(event.target)} is cancelled`);
    case 'cancelFailed':
      return withNotice(model, 'bad', `${nameOf(event.target)} could not be cancelled: ${event.why}`);
    default:
      return assertNever(event);
  }
};

/** The first status is a sample at once: nobody should wait a second for the first figures. */
const received = (model: Model, status: ServerStatus): Model => {
  const live: Model = { ...model, connection: { type: 'live' }, status };
  return model.history.length === 0 ? sampled(live, status) : live;
};

const lost = ({ connection, now }: Model, { why, retryAt }: { readonly why: string; readonly retryAt: number }): Connection => ({
  type: 'lost',
  why,
  since: connection.type === 'lost' ? connection.since : now,
  retryAt,
});

const sampled = (model: Model, { nodes, jobs }: ServerStatus): Model => {
  const slots = nodes.filter(({ state }) => state === 'online').flatMap(node => node.slots);
  const busySlots = nodes.reduce((busy, node) => busy + node.slots.filter(({ task }) => task !== null).length, 0);
  const queuedTasks = jobs.reduce((queued, job) => queued + (job.completedAt === null ? countKinds(job).queued : 0), 0);
  return { ...model, history: addSample(model.history, { at: model.now, busySlots, slots: slots.length, queuedTasks }) };
};

const withLog = (model: Model, change: (log: Log) => Log): Model =>
  model.log === null ? model : { ...model, log: change(model.log) };

const withNotice = (model: Model, tone: Notice['tone'], text: string): Model => ({
  ...model,
  ui: { ...model.ui, notice: { tone, text, until: model.now + NOTICE_MS } },
});

const withoutOldNotice = (model: Model): Model =>
  model.ui.notice !== null && model.ui.notice.until <= model.now ? { ...model, ui: { ...model.ui, notice: null } } : model;

const afterKey = (model: Model, key: Key): Turn => {
  const view = toViewModel(model);
  const { ui, command } = press(model.ui, key, view, layOut(view, model.size));
  const after = withLogOf({ ...model, ui });
  if (command?.type === 'tell') return { model: withNotice(after, 'neutral', command.text), command: null };
  return { model: after, command };
};

/** Opens the log that the person went to, and forgets the one that they left. */
const withLogOf = (model: Model): Model => {
  const { place } = model.ui;
  if (place.type !== 'log') return model.log === null ? model : { ...model, log: null };
  if (model.log?.job === place.job && model.log.task === place.task) return model;
  return { ...model, log: openLog(place.job, place.task) };
};

const nameOf = ({ job, task }: CancelTarget): string => (task === null ? job : `${task} of ${job}`);
