/** A dashboard without a terminal: what happens to it goes in, the screen comes out as text. */
import { type DashboardEvent, initialModel, type Model } from '../../../src/tui/model.ts';
import type { Size } from '../../../src/tui/paint.ts';
import { render } from '../../../src/tui/render.ts';
import { rowText } from '../../../src/tui/row.ts';
import { type Turn, update } from '../../../src/tui/update.ts';
import { toViewModel } from '../../../src/tui/view-model.ts';
import { busyServer, NOW } from './status.ts';

export const SMALL: Size = { columns: 80, rows: 24 };
export const LARGE: Size = { columns: 160, rows: 50 };

/** A key by its name: `down`, `enter`, `ctrl-c`, `q`. */
export const key = (name: string): DashboardEvent => ({
  type: 'keyPressed',
  key: { name, text: name === 'space' ? ' ' : name.length === 1 ? name : '' },
});

/** A text typed key by key. */
export const typed = (text: string): readonly DashboardEvent[] =>
  Array.from(text, character => key(character === ' ' ? 'space' : character));

/** A dashboard that was opened on an afternoon with something of everything. */
export const opened = (size: Size = SMALL, status = busyServer): Model =>
  play(
    initialModel('ci.example', size, NOW),
    { type: 'serverMet', build: { version: '1.4.0', commit: '26bb24c' } },
    { type: 'statusReceived', status },
  );

/** All at the same moment. */
export const play = (model: Model, ...events: readonly DashboardEvent[]): Model =>
  events.reduce((before, event) => update(before, event, before.now).model, model);

/** What the last of the events makes the dashboard do. */
export const commandOf = (model: Model, ...events: readonly DashboardEvent[]): Turn['command'] =>
  events.reduce<Turn>((turn, event) => update(turn.model, event, turn.model.now), { model, command: null }).command;

/** `ms` later: a second passes on the screen. */
export const later = (model: Model, ms: number): Model => update(model, { type: 'secondPassed' }, model.now + ms).model;

export const press = (model: Model, ...names: readonly string[]): Model => play(model, ...names.map(key));

/** The screen as a person reads it, without the spaces at the ends of its rows. */
export const screenOf = (model: Model): string =>
  render(toViewModel(model), model.size)
    .rows.map(row => rowText(row).trimEnd())
    .join('\n')
    .concat('\n');

/** The rows that hold a text. */
export const rowsWith = (model: Model, text: string): readonly string[] =>
  screenOf(model)
    .split('\n')
    .filter(row => row.includes(text))
    .map(row => row.trim());
