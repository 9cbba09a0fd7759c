/** The whole screen: a view model and a size in, rows of styled text out. Pure, so that screens are compared as text. */
import { type Layout, layOut } from './layout.ts';
import type { Frame, Size } from './paint.ts';
import { HELP_WIDTH, helpRows } from './render-help.ts';
import { jobRows } from './render-job.ts';
import { logRows } from './render-log.ts';
import { overviewRows } from './render-overview.ts';
import { fitTo, overlay, type Row, restyle, span, spread } from './row.ts';
import { BOLD, DIM, type Style } from './style.ts';
import { blankRows, MARGIN } from './table.ts';
import { widthOf } from './text.ts';
import type { BodyView, ConnectionView, FooterView, TitleView, ViewModel } from './view-model.ts';

export const render = (view: ViewModel, size: Size): Frame => {
  const layout = layOut(view, size);
  const top = [
    titleRow(view.title, size.columns),
    settingsRow(view, size.columns),
    ...(layout.isAiry ? blankRows(1, size.columns) : []),
    ...bodyRows(view.body, size.columns, layout),
  ];
  // Where a screen is too low for what must be there, the row of hints and questions is the last to go.
  const space = Math.max(0, size.rows - 1);
  const body = [...top.slice(0, space), ...blankRows(space - top.length, size.columns)];
  const rows = [...body, footerRow(view.footer, size.columns)].map(row => fitTo(row, size.columns));
  return { size, rows: view.isHelpOpen ? withHelp(rows, size) : rows };
};

const bodyRows = (body: BodyView, width: number, layout: Layout): readonly Row[] => {
  switch (body.type) {
    case 'overview':
      return overviewRows(body, width, layout);
    case 'job':
      return jobRows(body, width, layout);
    case 'log':
      return logRows(body, width, layout);
    case 'empty':
      return [...blankRows(2, width), [span(' '.repeat(MARGIN + 1)), span(body.text)]];
  }
};

const titleRow = ({ address, build, uptime, connection }: TitleView, width: number): Row =>
  spread(
    [
      span(' '.repeat(MARGIN)),
      span(' Alfred ', { inverse: true, bold: true, color: 'cyan' }),
      span(build === null ? '' : ` ${build.version}`, BOLD),
      span(build === null ? '' : ` (${build.commit.slice(0, 12)})`, DIM),
      span(uptime === null ? '' : ` up ${uptime}`),
      span(` on ${address}`, DIM),
    ],
    [...connectionSpans(connection), span(' '.repeat(MARGIN))],
    width,
  );

const connectionSpans = (connection: ConnectionView): Row => {
  switch (connection.type) {
    case 'live':
      return [span(' ● live', { color: 'green' })];
    case 'connecting':
      return [span(' ○ connecting', { color: 'yellow' })];
    case 'lost':
      return [span(` ✗ lost for ${connection.forHowLong}, ${connection.nextTry}`, { color: 'red', bold: true })];
  }
};

/** While the connection is lost, why is worth more than what the server was told to be. */
const settingsRow = ({ title: { connection }, settings }: ViewModel, width: number): Row =>
  connection.type === 'lost'
    ? fitTo([span(' '.repeat(MARGIN)), span(connection.why, { color: 'red' })], width)
    : fitTo([span(' '.repeat(MARGIN)), span(asManyAsFit(settings, width - MARGIN), DIM)], width);

/** Whole ones: half a figure is worse than none. */
const asManyAsFit = (settings: readonly string[], width: number): string =>
  settings.reduce((kept, setting) => {
    const longer = kept === '' ? setting : `${kept} · ${setting}`;
    return kept === '' || widthOf(longer) <= width ? longer : kept;
  }, '');

const NOTICE_STYLES: Readonly<Record<'good' | 'bad' | 'neutral', Style>> = {
  good: { color: 'green' },
  bad: { color: 'red', bold: true },
  neutral: { color: 'yellow' },
};

const footerRow = (footer: FooterView, width: number): Row => {
  switch (footer.type) {
    case 'hints':
      return [span(' '), ...footer.hints.flatMap(({ key, word }) => [span(key, BOLD), span(` ${word}   `, DIM)])];
    case 'question':
      return restyle(spread([span(` ${footer.text}`)], [span('  y/n ')], width), {
        inverse: true,
        bold: true,
        color: 'yellow',
      });
    case 'filter':
      return spread(
        [span(` Filter ${footer.subject}: `, DIM), span(footer.text, BOLD), span(' ', { inverse: true })],
        [span('  Enter keep   Esc clear ', DIM)],
        width,
      );
    case 'notice':
      return [span(' '), span(footer.text, NOTICE_STYLES[footer.tone])];
  }
};

const withHelp = (rows: readonly Row[], { columns, rows: height }: Size): readonly Row[] => {
  const help = helpRows();
  const top = Math.max(0, Math.floor((height - help.length) / 2));
  const left = Math.max(0, Math.floor((columns - HELP_WIDTH) / 2));
  return rows.map((row, index) => {
    const quiet = restyle(row, DIM);
    const box = help[index - top];
    return box === undefined ? quiet : fitTo(overlay(quiet, box, left), columns);
  });
};
