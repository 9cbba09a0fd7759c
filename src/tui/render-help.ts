/** The box that says what the keys do. */
import { fitTo, type Row, span } from './row.ts';
import { BOLD, DIM } from './style.ts';

const KEYS: readonly (readonly [string, string] | null)[] = [
  ['Tab', 'nodes or jobs'],
  ['↑ ↓  j k', 'move; in a log, scroll'],
  ['PgUp PgDn', 'a page (Space: down)'],
  ['Home End  g G', 'first, last; End follows a log'],
  ['← →', 'scroll a log sideways'],
  null,
  ['Enter', 'open a job, then the log of a task'],
  ['Esc', 'drop the filter, then go back'],
  ['/', 'filter: words, in any order'],
  ['c', 'cancel a job or a task, after a question'],
  null,
  ['Ctrl+L', 'draw the screen anew'],
  ['q  Ctrl+C', 'quit; jobs go on'],
];

const KEY_WIDTH = 15;
const INNER_WIDTH = 60;

export const HELP_WIDTH = INNER_WIDTH + 2;

/** All rows are {@link HELP_WIDTH} wide. */
export const helpRows = (): readonly Row[] => [
  border('┌', 'Keys', '┐'),
  ...KEYS.map(entry => line(entry === null ? [] : [span(' '), ...fitTo([span(entry[0], BOLD)], KEY_WIDTH), span(entry[1])])),
  border('├', '', '┤'),
  line([span(' A square ■ ties a job to the slots that its tasks hold.', DIM)]),
  border('└', 'any key closes', '┘'),
];

const line = (content: Row): Row => [span('│'), ...fitTo(content, INNER_WIDTH), span('│')];

const border = (left: string, title: string, right: string): Row => {
  const label = title === '' ? '' : `─ ${title} `;
  return [span(left), span(label, BOLD), span('─'.repeat(INNER_WIDTH - label.length)), span(right)];
};
