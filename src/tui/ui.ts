/** What a person has done to the dashboard: where they are, what they chose, what they are being asked. */
import { AT_TOP, type Cursor } from './cursor.ts';
import { AT_END, type LogPlace } from './log.ts';

export type Place =
  | { readonly type: 'overview' }
  | { readonly type: 'job'; readonly job: string }
  | { readonly type: 'log'; readonly job: string; readonly task: string };

/** The lists, and the log, that each have a place and a filter of their own. */
export type ListName = 'nodes' | 'jobs' | 'tasks';
export type Filtered = ListName | 'log';

/** A whole job where `task` is `null`. */
export type CancelTarget = { readonly job: string; readonly task: string | null };

export type Prompt =
  | { readonly type: 'filter'; readonly of: Filtered }
  | { readonly type: 'cancel'; readonly target: CancelTarget }
  | { readonly type: 'help' };

export type Notice = {
  readonly tone: 'good' | 'bad' | 'neutral';
  readonly text: string;
  /** When it goes away; milliseconds since the epoch. */
  readonly until: number;
};

export type Ui = {
  readonly place: Place;
  /** Which list of the overview the keys act upon. */
  readonly focus: 'nodes' | 'jobs';
  readonly cursors: Readonly<Record<ListName, Cursor>>;
  readonly logPlace: LogPlace;
  readonly filters: Readonly<Record<Filtered, string>>;
  readonly prompt: Prompt | null;
  readonly notice: Notice | null;
};

export const INITIAL_UI: Ui = {
  place: { type: 'overview' },
  focus: 'jobs',
  cursors: { nodes: AT_TOP, jobs: AT_TOP, tasks: AT_TOP },
  logPlace: AT_END,
  filters: { nodes: '', jobs: '', tasks: '', log: '' },
  prompt: null,
  notice: null,
};

/** The list or log that the keys act upon. */
export const activeOf = ({ place, focus }: Ui): Filtered => {
  switch (place.type) {
    case 'overview':
      return focus;
    case 'job':
      return 'tasks';
    case 'log':
      return 'log';
  }
};
