/** The log of one task. */
import { amount } from '../base/figures.ts';
import type { Layout } from './layout.ts';
import { firstShown } from './log.ts';
import { logRow } from './log-line.ts';
import { fitTo, type Row, rowWidth, slice, span, spread } from './row.ts';
import { BOLD, DIM } from './style.ts';
import { blankRows, MARGIN } from './table.ts';
import { KIND_LOOKS } from './task-kind.ts';
import { clipEnd } from './text.ts';
import type { LogView } from './view-model.ts';

export const logRows = (view: LogView, width: number, layout: Layout): readonly Row[] => {
  const body = view.lines.length === 0 ? emptyBody(view, width, layout.log) : lineRows(view, width, layout.log);
  return [titleRow(view, width), ruleRow(view, width, layout.log), ...body, ...blankRows(layout.log - body.length, width)];
};

const titleRow = ({ job, task, row }: LogView, width: number): Row => {
  const inner = width - 2 * MARGIN;
  const state = row === null ? [] : [span(` ${KIND_LOOKS[row.kind].symbol} ${wordsFor(row)}`, KIND_LOOKS[row.kind].style)];
  return fitTo([span(' '.repeat(MARGIN)), ...spread([span(`${job} › `, DIM), span(task, BOLD)], state, inner)], width);
};

const wordsFor = ({ kind, took, detail }: NonNullable<LogView['row']>): string =>
  [`${KIND_LOOKS[kind].word}${took === '' ? '' : ` ${took}`}`, detail].filter(Boolean).join(', ');

/** A line across, with what is shown of the log on its right. */
const ruleRow = (view: LogView, width: number, height: number): Row => {
  const filter = span(view.filter === '' ? '' : ` /${view.filter} `, { color: 'yellow' });
  const position = span(` ${clipEnd(positionOf(view, height), Math.floor(width / 2))} `, {
    color: view.phase === 'failed' ? 'red' : 'cyan',
  });
  const line = '─'.repeat(Math.max(0, width - 2 * RULE_END.length - rowWidth([filter, position])));
  return [span(RULE_END, DIM), filter, span(line, DIM), position, span(RULE_END, DIM)];
};

const RULE_END = '──';

const positionOf = ({ place, lines, phase, message }: LogView, height: number): string => {
  if (phase === 'failed') return `interrupted: ${message}`;
  if (place.top === null) return phase === 'ended' ? 'end of the log' : 'following';
  const first = firstShown(place, { lines, height });
  return `lines ${amount(first + 1)}–${amount(Math.min(first + height, lines.length))} of ${amount(lines.length)}`;
};

const lineRows = ({ lines, place }: LogView, width: number, height: number): readonly Row[] => {
  const first = firstShown(place, { lines, height });
  const inner = width - MARGIN;
  return lines
    .slice(first, first + height)
    .map(({ text }) => fitTo([span(' '.repeat(MARGIN)), ...slice(logRow(text), place.left, place.left + inner)], width));
};

const emptyBody = (view: LogView, width: number, height: number): readonly Row[] =>
  [
    fitTo([], width),
    fitTo([span(' '.repeat(MARGIN)), span(whyEmpty(view), view.phase === 'failed' ? { color: 'red' } : DIM)], width),
  ].slice(0, height);

const whyEmpty = ({ phase, message, filter, row }: LogView): string => {
  if (phase === 'failed') return message;
  if (filter !== '') return `No line holds “${filter}”. Esc shows all again.`;
  if (phase === 'ended') return 'The task ended without a word.';
  return row?.kind === 'queued' ? 'The task is queued: its log starts when it does.' : 'Waiting for the first line…';
};
