/** One job: what it is, how far it is, and its tasks. */
import type { Layout } from './layout.ts';
import { kindFigures, progressBar } from './progress.ts';
import { fitTo, type Row, rowWidth, span, spread } from './row.ts';
import { BOLD, DIM } from './style.ts';
import { blankRows, type Column, MARGIN, tableRows, widthFor, widthLeft } from './table.ts';
import { KIND_LOOKS } from './task-kind.ts';
import type { TaskRow } from './task-rows.ts';
import { clipMiddle } from './text.ts';
import type { JobView, ListView } from './view-model.ts';

export const jobRows = (view: JobView, width: number, layout: Layout): readonly Row[] => [
  ...headerRows(view, width - 2 * MARGIN).map(row => fitTo([span(' '.repeat(MARGIN)), ...row], width)),
  ...(layout.isAiry ? blankRows(1, width) : []),
  ...tableRows({
    list: view.tasks,
    columns: taskColumns(view.tasks, width),
    width,
    height: layout.tasks,
    whenEmpty: 'This job has no tasks.',
  }),
];

const headerRows = ({ job, about, commandLine }: JobView, width: number): readonly Row[] => [
  spread(
    [span(job.hasEnded ? '' : '■ ', job.hue === null ? {} : { color: job.hue }), span(job.name, BOLD)],
    [span(` ${job.hasEnded ? 'took' : 'running for'} ${job.elapsed}`)],
    width,
  ),
  spread([span(about)], [span(`  ${job.who}, ${job.scheduled}`, DIM)], width),
  [span(commandLine === '' ? '' : `$ ${commandLine}`, DIM)],
  progressRow({ job }, width),
];

const progressRow = ({ job }: Pick<JobView, 'job'>, width: number): Row => {
  const figures = [span(`${job.done}/${job.total} (${job.percent}%)  `), ...kindFigures(job.counts)];
  const bar = Math.max(0, width - rowWidth(figures) - 2);
  return [...progressBar(job.counts, bar), span('  '), ...figures];
};

const STATE_WIDTH = Math.max(...Object.values(KIND_LOOKS).map(({ word }) => word.length + 2));
const STARTED_WIDTH = '14:02:11'.length;
const TOOK_WIDTH = '59m59s'.length;

const taskColumns = ({ items }: ListView<TaskRow>, width: number): readonly Column<TaskRow>[] => {
  const name = widthFor(
    items.map(item => item.name),
    16,
    width >= 110 ? 48 : 26,
  );
  const detail = widthLeft(width, [name, STATE_WIDTH, STARTED_WIDTH, TOOK_WIDTH]);
  return [
    { title: 'TASKS', width: name, cell: item => [span(clipMiddle(item.name, name))] },
    { title: 'STATE', width: STATE_WIDTH, cell: stateCell },
    { title: 'STARTED', width: STARTED_WIDTH, cell: item => [span(item.started, DIM)] },
    { title: 'TIME', width: TOOK_WIDTH, align: 'right', cell: item => [span(item.took)] },
    {
      title: 'DETAIL',
      width: detail,
      cell: item => [span(item.detail, item.kind === 'running' ? {} : KIND_LOOKS[item.kind].style)],
    },
  ];
};

const stateCell = ({ kind }: TaskRow): Row => {
  const { symbol, word, style } = KIND_LOOKS[kind];
  return [span(`${symbol} ${word}`, style)];
};
