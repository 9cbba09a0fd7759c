/** The overview: plots, nodes and jobs. */
import { amount, formatElapsed } from '../base/figures.ts';
import type { JobRow } from './job-rows.ts';
import type { Layout } from './layout.ts';
import type { NodeRow, NodeTask } from './node-rows.ts';
import { area, type History, type Sample, series } from './plots.ts';
import { kindFigures, progressBar } from './progress.ts';
import { fitTo, type Row, rowWidth, type Span, span, spread } from './row.ts';
import { BOLD, type Color, DIM, type Style } from './style.ts';
import { blankRows, type Column, MARGIN, tableRows, widthFor, widthLeft } from './table.ts';
import { clipMiddle } from './text.ts';
import type { ListView, OverviewView } from './view-model.ts';

export const overviewRows = (view: OverviewView, width: number, layout: Layout): readonly Row[] => {
  const air = layout.isAiry ? blankRows(1, width) : [];
  return [
    ...(layout.plots > 0 ? [...plotRows(view.history, view.now, width, layout.plots), ...air] : []),
    ...tableRows({
      list: view.nodes,
      columns: nodeColumns(view.nodes, width),
      width,
      height: layout.nodes,
      whenEmpty: 'No nodes. They are made when there are tasks for them.',
    }),
    ...air,
    ...tableRows({
      list: view.jobs,
      columns: jobColumns(view.jobs, width),
      width,
      height: layout.jobs,
      whenEmpty: 'No jobs yet. Start one with: alfred run JOBFILE',
    }),
  ];
};

const PLOT_GAP = 3;

const plotRows = (history: History, now: number, width: number, height: number): readonly Row[] => {
  const plotWidth = Math.floor((width - 2 * MARGIN - PLOT_GAP) / 2);
  const latest = history.at(-1);
  const slots = Math.max(0, ...history.map(sample => sample.slots));
  const busy = plot(history, now, {
    title: 'BUSY SLOTS',
    figure: latest === undefined ? '–' : `${amount(latest.busySlots)}/${amount(latest.slots)}`,
    pick: sample => sample.busySlots,
    // Slots that nobody uses are part of the picture, queued tasks have no limit.
    least: slots,
    color: 'green',
    width: plotWidth,
    height,
  });
  const queued = plot(history, now, {
    title: 'QUEUED TASKS',
    figure: latest === undefined ? '–' : amount(latest.queuedTasks),
    pick: sample => sample.queuedTasks,
    least: 4,
    color: 'yellow',
    width: plotWidth,
    height,
  });
  return busy.map((left, index) =>
    fitTo([span(' '.repeat(MARGIN)), ...left, span(' '.repeat(PLOT_GAP)), ...(queued[index] ?? [])], width),
  );
};

type Plot = {
  readonly title: string;
  readonly figure: string;
  readonly pick: (sample: Sample) => number;
  /** The top of the plot stands for this much at least. */
  readonly least: number;
  readonly color: Color;
  readonly width: number;
  readonly height: number;
};

/** A heading with the present figure and the highest one, and the curve beneath it. */
const plot = (history: History, now: number, { title, figure, pick, least, color, width, height }: Plot): readonly Row[] => {
  const { values, spanMs } = series(history, pick, width, now);
  const peak = values.reduce((highest: number, value) => Math.max(highest, value ?? 0), 0);
  const heading = spread(
    [span(`${title} `, DIM), span(figure, BOLD)],
    [span(`peak ${amount(peak)} in ${formatElapsed(spanMs)}`, DIM)],
    width,
  );
  const curve = area(values, Math.max(least, peak), height);
  return [heading, ...curve.map((line, index) => (index === height - 1 ? onFloor(line, color) : [span(line, { color })]))];
};

/** A line where the curve is at zero or unknown: the eye sees where the plot is. */
const onFloor = (line: string, color: Color): Row =>
  line.split(/( +)/).map(part => (part.startsWith(' ') ? span('▁'.repeat(part.length), DIM) : span(part, { color })));

type StateLook = { readonly symbol: string; readonly word: string; readonly style: Style };

/** In twelve columns; what failed, and why, is in the last column. */
const STATE_LOOKS: Readonly<Record<NodeRow['state'], StateLook>> = {
  online: { symbol: '●', word: 'online', style: { color: 'green' } },
  unreachable: { symbol: '?', word: 'unreachable', style: { color: 'red' } },
  provisioning: { symbol: '◐', word: 'provisioning', style: { color: 'yellow' } },
  queued: { symbol: '○', word: 'queued', style: DIM },
  failedProvisioning: { symbol: '✗', word: 'failed', style: { color: 'red' } },
  failedTerminating: { symbol: '✗', word: 'not ended', style: { color: 'red' } },
  terminating: { symbol: '◑', word: 'terminating', style: { color: 'magenta' } },
  discarded: { symbol: '⊘', word: 'discarded', style: DIM },
  terminated: { symbol: '⊘', word: 'terminated', style: DIM },
};

const STATE_WIDTH = Math.max(...Object.values(STATE_LOOKS).map(({ word }) => word.length + 2));

/** A strip of more slots than this is drawn to scale. */
const LONGEST_STRIP = 16;

const nodeColumns = ({ items }: ListView<NodeRow>, width: number): readonly Column<NodeRow>[] => {
  const name = widthFor(
    items.map(item => item.name),
    12,
    width >= 110 ? 32 : 18,
  );
  const slots = Math.max('SLOTS'.length, ...items.map(item => slotWidth(item.slots.length)));
  return [
    { title: 'NODES', width: name, cell: item => [span(clipMiddle(item.name, name), BOLD)] },
    { title: 'STATE', width: STATE_WIDTH, cell: stateCell },
    { title: 'SLOTS', width: slots, cell: slotCell },
    { title: 'RUNNING', width: widthLeft(width, [name, STATE_WIDTH, slots]), cell: runningCell },
  ];
};

const stateCell = ({ state }: NodeRow): Row => {
  const { symbol, word, style } = STATE_LOOKS[state];
  return [span(`${symbol} ${word}`, style)];
};

const slotCell = ({ slots, busy }: NodeRow): Row => {
  const digits = String(slots.length).length;
  const figures = span(` ${String(busy).padStart(digits)}/${slots.length}`);
  if (slots.length <= LONGEST_STRIP) return [...slots.map(slotSpan), figures];
  const filled = Math.ceil((busy / slots.length) * LONGEST_STRIP);
  return [span('■'.repeat(filled), { color: 'cyan' }), span('·'.repeat(LONGEST_STRIP - filled), DIM), figures];
};

const slotWidth = (slots: number): number => Math.min(slots, LONGEST_STRIP) + 2 * String(slots).length + ' /'.length;

const slotSpan = (task: NodeTask | null): Span => (task === null ? span('·', DIM) : span('■', hueStyle(task.hue)));

const hueStyle = (hue: Color | null): Style => (hue === null ? {} : { color: hue });

/** What is wrong comes first, and may fill the row; what goes on comes before the tasks that go on anyway. */
const runningCell = ({ tasks, reason, activity }: NodeRow): Row => {
  const running = tasks.map(({ label, hue }) => [span(label, hueStyle(hue))]);
  return joined([[span(reason, { color: 'red' })], [span(activity, DIM)], joined(running, ' ')], ' · ');
};

/** Without those that say nothing. */
const joined = (rows: readonly Row[], gap: string): Row =>
  rows.filter(row => rowWidth(row) > 0).flatMap((row, index) => (index === 0 ? row : [span(gap, DIM), ...row]));

/** From this width on there is room for a bar beside the figures. */
const BAR_FROM = 110;

const jobColumns = ({ items }: ListView<JobRow>, width: number): readonly Column<JobRow>[] => {
  const isWide = width >= BAR_FROM;
  const who = widthFor(
    items.map(item => item.who),
    3,
    isWide ? 20 : 8,
  );
  const done = 2 * Math.max(2, ...items.map(({ total }) => String(total).length)) + ' (100%)'.length + 1;
  const figures = widthFor([], isWide ? 28 : 16, 28);
  const bar = isWide ? Math.floor(width / 6) : 0;
  const others = [who, SCHEDULED_WIDTH, ELAPSED_WIDTH, done, figures, ...(isWide ? [bar] : [])];
  const name = widthLeft(width, others);
  return [
    { title: 'JOBS', width: name, cell: item => nameCell(item, name) },
    { title: 'WHO', width: who, cell: item => [span(item.who)] },
    { title: 'SINCE', width: SCHEDULED_WIDTH, cell: item => [span(item.scheduled, DIM)] },
    { title: 'TIME', width: ELAPSED_WIDTH, align: 'right', cell: item => [span(item.elapsed)] },
    ...(isWide ? [{ title: 'PROGRESS', width: bar, cell: (item: JobRow) => progressBar(item.counts, bar) }] : []),
    { title: 'DONE', width: done, align: 'right', cell: item => [span(`${item.done}/${item.total} (${item.percent}%)`)] },
    { title: 'TASKS', width: figures, cell: item => kindFigures(item.counts) },
  ];
};

const SCHEDULED_WIDTH = '21 Nov'.length;
const ELAPSED_WIDTH = '59m59s'.length;

/** The square is the job's colour on the nodes. */
const nameCell = ({ name, hue, hasEnded, counts }: JobRow, width: number): Row => {
  const text = clipMiddle(name, width - 2);
  if (!hasEnded) return [span('■ ', hueStyle(hue)), span(text, BOLD)];
  const isBad = counts.failed + counts.timedOut > 0;
  return [isBad ? span('✗ ', { color: 'red' }) : span('  '), span(text, DIM)];
};
