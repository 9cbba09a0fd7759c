/** Draws a job as lines of text: a header, then one line per group of tasks. Pure: state, width and time in, lines out. */
import stringWidth from 'string-width';
import { formatElapsed } from '../../base/figures.ts';
import type { JobStatus, TaskStatus } from '../../domain/status.ts';
import { cut } from '../cut.ts';
import { oneLine } from '../one-line.ts';
import type { Pen } from '../pen.ts';
import type { Loss } from './follow.ts';
import { type Group, groupTasks } from './groups.ts';
import { type HowToEnter, keptFor, keptTasks } from './kept.ts';
import { taskMark } from './slow.ts';
import { jobFigures, jobWord } from './summary.ts';

export type WatchView = {
  /** `null` until the server has sent the first state. */
  readonly job: JobStatus | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly loss: Loss | null;
  /** What is under way besides the job: that it is being cancelled. */
  readonly activity: string | null;
  readonly howToEnter: HowToEnter;
};

/** A name shorter than this says nothing any more. */
const SHORTEST_NAME = 6;

/** Columns of the emoji and of the longest label, each with its gap. */
const LABEL_COLUMN = 3;
const NAMES_COLUMN = 14;

/** No line is wider than `columns`, as `string-width` measures. */
export const renderWatch = (view: WatchView, columns: number, pen: Pen): readonly string[] => {
  const notice = noticeOf(view);
  return [
    ...(view.job === null
      ? []
      : [...jobLines(view.job, view.now, columns, pen), ...keptLines(view.job, view.howToEnter, columns)]),
    ...(notice === null ? [] : [pen.paint('yellow', cut(notice, columns))]),
  ];
};

/** What goes on besides the job, in one line; a lost connection comes first: nothing else is news while it lasts. */
export const noticeOf = ({ job, loss, activity, now }: WatchView): string | null => {
  if (loss === null) return job === null || job.completedAt === null ? activity : null;
  return describeLoss(loss, now);
};

/** In one line. */
export const describeLoss = ({ why, retryAt }: Loss, now: number): string => {
  const waitMs = Math.ceil((retryAt - now) / 1_000) * 1_000;
  return `connection lost, trying again in ${formatElapsed(waitMs)}: ${oneLine(why)}`;
};

const jobLines = (job: JobStatus, now: number, columns: number, pen: Pen): readonly string[] => [
  header(job, now, columns, pen),
  ...groupTasks(job.tasks).map(([group, tasks]) => {
    const describe = (task: TaskStatus): string =>
      [oneLine(task.name), taskMark(task, job, now), inBrackets(keptFor(task, now))].filter(Boolean).join(' ');
    return groupLine(group, tasks.map(describe), columns, pen);
  }),
];

const inBrackets = (text: string): string => (text === '' ? '' : `(${text})`);

/** Tasks that are told how to get into; with more of them one knows how it goes. */
const MOST_ENTERED = 3;

const keptLines = (job: JobStatus, howToEnter: HowToEnter, columns: number): readonly string[] =>
  keptTasks(job)
    .slice(0, MOST_ENTERED)
    .map(({ name }) => cut(`🔑 ${howToEnter(name)}`, columns));

/** Where the space is short, the name gives way first, the words next: the person who watches knows them. Then it is cut. */
const header = (job: JobStatus, now: number, columns: number, pen: Pen): string => {
  const { word, style } = jobWord(job);
  const figures = `(${jobFigures(job, now)})`;
  const name = oneLine(job.name);
  const spaceBeside = (text: string): number => columns - stringWidth(text);
  const shortest = Math.min(SHORTEST_NAME, stringWidth(name));

  const inFull = spaceBeside(`Job '' ${word} ${figures}`);
  if (inFull >= shortest) return `Job '${pen.paint('bold', cut(name, inFull))}' ${pen.paint(style, word)} ${figures}`;
  const inShort = spaceBeside(` ${figures}`);
  if (inShort >= shortest) return `${pen.paint('bold', cut(name, inShort))} ${figures}`;
  return cut(`${name} ${figures}`, columns);
};

const groupLine = (group: Group, names: readonly string[], columns: number, pen: Pen): string => {
  const total = `(${names.length})`;
  const label = group.label.padEnd(NAMES_COLUMN - LABEL_COLUMN - 1);
  const spaceForNames = columns - NAMES_COLUMN - total.length - 1;
  if (spaceForNames < SHORTEST_NAME) return cut(`${group.emoji} ${group.label} ${total}`, columns);
  const fitting = fitNames(names, group.keep, spaceForNames);
  return `${group.emoji}${pen.column(LABEL_COLUMN)}${pen.paint(group.style, label)} ${fitting} ${pen.paint('dim', total)}`;
};

/** As many names as fit into `space` columns, from the side that matters; `…` stands for the rest. */
const fitNames = (names: readonly string[], keep: Group['keep'], space: number): string => {
  const inOrderOfWorth = keep === 'first' ? names : names.toReversed();
  const taken: string[] = [];
  let width = 0;
  for (const [index, name] of inOrderOfWorth.entries()) {
    const isLast = index === names.length - 1;
    if (width + stringWidth(name) + (isLast ? 0 : ', …'.length) > space) {
      taken.push(taken.length === 0 ? cut(name, space) : '…');
      break;
    }
    taken.push(name);
    width += stringWidth(name) + ', '.length;
  }
  return (keep === 'first' ? taken : taken.reverse()).join(', ');
};
