/** What a key does: the person's place and choices after it, and what is to be done. Pure. */
import { AT_TOP, type Cursor, type ListWindow, move, moveToEnd, place } from './cursor.ts';
import type { Layout } from './layout.ts';
import { AT_END, type LogWindow, scroll } from './log.ts';
import type { Command } from './model.ts';
import type { TaskRow } from './task-rows.ts';
import { activeOf, type CancelTarget, type Filtered, type ListName, type Ui } from './ui.ts';
import type { ListView, OverviewView, ViewModel } from './view-model.ts';

export type Key = {
  /** `up`, `enter`, `escape`, `ctrl-c`, `pagedown`; of a key that writes, what it writes: `q`, `G`, `/`. */
  readonly name: string;
  /** What it writes; empty for a key that does not. */
  readonly text: string;
};

/** `tell`: a remark for the person, the rest is for the dashboard to do. */
export type Press = { readonly ui: Ui; readonly command: Command | { readonly type: 'tell'; readonly text: string } | null };

export const press = (ui: Ui, key: Key, view: ViewModel, layout: Layout): Press => {
  if (key.name === 'ctrl-c') return { ui, command: { type: 'quit' } };
  if (key.name === 'ctrl-z') return { ui, command: { type: 'suspend' } };
  if (key.name === 'ctrl-l') return { ui, command: { type: 'redraw' } };
  if (ui.prompt === null) return pressInView(ui, key, view, layout);
  switch (ui.prompt.type) {
    case 'help':
      return key.name === 'q' ? { ui, command: { type: 'quit' } } : only({ ...ui, prompt: null });
    case 'cancel':
      return answerQuestion(ui, key, ui.prompt.target);
    case 'filter':
      return only(editFilter(ui, key, ui.prompt.of));
  }
};

const only = (ui: Ui): Press => ({ ui, command: null });

/** Nothing is cancelled by a key that was meant for something else: yes is `y` alone. */
const answerQuestion = (ui: Ui, key: Key, target: CancelTarget): Press => {
  const asked = { ...ui, prompt: null };
  return key.name === 'y' ? { ui: asked, command: { type: 'cancel', target } } : only(asked);
};

const editFilter = (ui: Ui, key: Key, of: Filtered): Ui => {
  const text = ui.filters[of];
  switch (key.name) {
    case 'enter':
      return { ...ui, prompt: null };
    case 'escape':
      return { ...withFilter(ui, of, ''), prompt: null };
    case 'backspace':
      return text === '' ? { ...ui, prompt: null } : withFilter(ui, of, [...text].slice(0, -1).join(''));
    case 'ctrl-u':
      return withFilter(ui, of, '');
    default:
      return withFilter(ui, of, text + key.text);
  }
};

const withFilter = (ui: Ui, of: Filtered, text: string): Ui => ({ ...ui, filters: { ...ui.filters, [of]: text } });

const pressInView = (ui: Ui, key: Key, view: ViewModel, layout: Layout): Press => {
  switch (key.name) {
    case 'q':
      return { ui, command: { type: 'quit' } };
    case '?':
      return only({ ...ui, prompt: { type: 'help' } });
    case '/':
      return only({ ...ui, prompt: { type: 'filter', of: activeOf(ui) } });
    case 'c':
      return askToCancel(ui, view, layout);
    case 'escape':
    case 'backspace':
      return only(goBack(ui));
    default:
      return only(pressInBody(ui, key, view, layout));
  }
};

const pressInBody = (ui: Ui, key: Key, { body }: ViewModel, layout: Layout): Ui => {
  switch (body.type) {
    case 'overview':
      return pressInOverview(ui, key, body, layout);
    case 'job':
      if (key.name === 'enter') return openTask(ui, body.job.name, chosenIn(body.tasks, layout.tasks)?.name ?? null);
      return moveIn(ui, 'tasks', key, windowOf(body.tasks, layout.tasks));
    case 'log':
      return scrollLog(ui, key, { lines: body.lines, height: layout.log });
    case 'empty':
      return ui;
  }
};

type Item = { readonly key: string };

const windowOf = ({ items }: ListView<Item>, height: number): ListWindow => ({ keys: items.map(({ key }) => key), height });

const chosenIn = <Chosen extends Item>(list: ListView<Chosen>, height: number): Chosen | null =>
  list.items[place(list.cursor, windowOf(list, height)).index] ?? null;

const pressInOverview = (ui: Ui, key: Key, { nodes, jobs }: OverviewView, layout: Layout): Ui => {
  if (key.name === 'tab') return { ...ui, focus: ui.focus === 'nodes' ? 'jobs' : 'nodes' };
  if (ui.focus === 'nodes') return moveIn(ui, 'nodes', key, windowOf(nodes, layout.nodes));
  if (key.name === 'enter') return openJob(ui, chosenIn(jobs, layout.jobs)?.name ?? null);
  return moveIn(ui, 'jobs', key, windowOf(jobs, layout.jobs));
};

const moveIn = (ui: Ui, list: ListName, key: Key, window: ListWindow): Ui => {
  const cursor = moved(ui.cursors[list], key, window);
  return cursor === null ? ui : { ...ui, cursors: { ...ui.cursors, [list]: cursor } };
};

/** `null` for a key that does not move. */
const moved = (cursor: Cursor, key: Key, window: ListWindow): Cursor | null => {
  const page = Math.max(1, window.height - 1);
  switch (key.name) {
    case 'up':
    case 'k':
      return move(cursor, -1, window);
    case 'down':
    case 'j':
      return move(cursor, 1, window);
    case 'pageup':
      return move(cursor, -page, window);
    case 'pagedown':
    case 'space':
      return move(cursor, page, window);
    case 'home':
    case 'g':
      return AT_TOP;
    case 'end':
    case 'G':
      return moveToEnd(cursor, window);
    default:
      return null;
  }
};

/** Columns that a log moves by sideways. */
const SIDEWAYS = 16;

const scrollLog = (ui: Ui, key: Key, window: LogWindow): Ui => {
  const { logPlace } = ui;
  const page = Math.max(1, window.height - 1);
  switch (key.name) {
    case 'up':
    case 'k':
      return { ...ui, logPlace: scroll(logPlace, -1, window) };
    case 'down':
    case 'j':
      return { ...ui, logPlace: scroll(logPlace, 1, window) };
    case 'pageup':
      return { ...ui, logPlace: scroll(logPlace, -page, window) };
    case 'pagedown':
    case 'space':
      return { ...ui, logPlace: scroll(logPlace, page, window) };
    case 'home':
    case 'g':
      return { ...ui, logPlace: scroll(logPlace, Number.NEGATIVE_INFINITY, window) };
    case 'end':
    case 'G':
      return { ...ui, logPlace: { ...logPlace, top: null } };
    case 'left':
      return { ...ui, logPlace: { ...logPlace, left: Math.max(0, logPlace.left - SIDEWAYS) } };
    case 'right':
      return { ...ui, logPlace: { ...logPlace, left: logPlace.left + SIDEWAYS } };
    default:
      return ui;
  }
};

const openJob = (ui: Ui, job: string | null): Ui =>
  job === null
    ? ui
    : {
        ...ui,
        place: { type: 'job', job },
        cursors: { ...ui.cursors, tasks: AT_TOP },
        filters: { ...ui.filters, tasks: '' },
      };

const openTask = (ui: Ui, job: string, task: string | null): Ui =>
  task === null ? ui : { ...ui, place: { type: 'log', job, task }, logPlace: AT_END, filters: { ...ui.filters, log: '' } };

/** A filter goes first: whoever set it wants to see all again before anything else. */
const goBack = (ui: Ui): Ui => {
  const active = activeOf(ui);
  if (ui.filters[active] !== '') return withFilter(ui, active, '');
  switch (ui.place.type) {
    case 'overview':
      return ui;
    case 'job':
      return { ...ui, place: { type: 'overview' } };
    case 'log':
      return { ...ui, place: { type: 'job', job: ui.place.job } };
  }
};

/** `c` asks about what is chosen, as long as that has not ended. */
const askToCancel = (ui: Ui, { body }: ViewModel, layout: Layout): Press => {
  switch (body.type) {
    case 'overview': {
      const job = ui.focus === 'jobs' ? chosenIn(body.jobs, layout.jobs) : null;
      if (job === null) return only(ui);
      return ask(ui, { job: job.name, task: null }, job.name, job.hasEnded);
    }
    case 'job':
      return askAboutTask(ui, body.job.name, chosenIn(body.tasks, layout.tasks));
    case 'log':
      return askAboutTask(ui, body.job, body.row);
    case 'empty':
      return only(ui);
  }
};

const askAboutTask = (ui: Ui, job: string, task: TaskRow | null): Press =>
  task === null ? only(ui) : ask(ui, { job, task: task.name }, task.name, !task.isOpen);

const ask = (ui: Ui, target: CancelTarget, name: string, hasEnded: boolean): Press =>
  hasEnded
    ? { ui, command: { type: 'tell', text: `${name} has ended already: there is nothing to cancel` } }
    : only({ ...ui, prompt: { type: 'cancel', target } });
