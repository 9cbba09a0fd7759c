/** Draws a job as lines of text: a header, then one line per group of tasks. Pure: state, width and time in, lines out. */
import stringWidth from 'string-width';
import type { JobStatus, TaskStatus } from '../../domain/status.ts';
import type { Pen } from '../pen.ts';
import { cut, oneLine } from '../text.ts';
import { type Group, groupTasks } from './groups.ts';
import { taskMark } from './slow.ts';
import { jobFigures, jobWord } from './summary.ts';

export type WatchView = {
  readonly job: JobStatus;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What goes on besides the job, as the last line: a lost connection, a cancel under way. */
  readonly notice: string | null;
};

/** A name shorter than this says nothing any more. */
const SHORTEST_NAME = 6;

/** Columns of the emoji and of the longest label, each with its gap. */
const LABEL_COLUMN = 3;
const NAMES_COLUMN = 14;

/** No line is wider than `columns`, as `string-width` measures. */
export const renderWatch = (view: WatchView, columns: number, pen: Pen): readonly string[] => [
  header(view, columns, pen),
  ...groupTasks(view.job.tasks).map(([group, tasks]) => groupLine(group, tasks, view, columns, pen)),
  ...(view.notice === null ? [] : [pen.paint('yellow', cut(oneLine(view.notice), columns))]),
];

/** Where the space is short, the name gives way first, the words next: the person who watches knows them. Then it is cut. */
const header = ({ job, now }: WatchView, columns: number, pen: Pen): string => {
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

const groupLine = (group: Group, tasks: readonly TaskStatus[], { job, now }: WatchView, columns: number, pen: Pen): string => {
  const total = `(${tasks.length})`;
  const label = group.label.padEnd(NAMES_COLUMN - LABEL_COLUMN - 1);
  const spaceForNames = columns - NAMES_COLUMN - total.length - 1;
  if (spaceForNames < SHORTEST_NAME) return cut(`${group.emoji} ${group.label} ${total}`, columns);
  const describe = (task: TaskStatus): string => [oneLine(task.name), taskMark(task, job, now)].filter(Boolean).join(' ');
  const names = fitNames(tasks, describe, group.keep, spaceForNames);
  return `${group.emoji}${pen.column(LABEL_COLUMN)}${pen.paint(group.style, label)} ${names} ${pen.paint('dim', total)}`;
};

/** As many names as fit into `space` columns, from the side that matters; `…` stands for the rest. */
const fitNames = (
  tasks: readonly TaskStatus[],
  describe: (task: TaskStatus) => string,
  keep: Group['keep'],
  space: number,
): string => {
  const inOrderOfWorth = keep === 'first' ? tasks : tasks.toReversed();
  const taken: string[] = [];
  let width = 0;
  for (const [index, task] of inOrderOfWorth.entries()) {
    const name = describe(task);
    const isLast = index === tasks.length - 1;
    const spaceNeeded = width + stringWidth(name) + (isLast ? 0 : ', …'.length);
    if (spaceNeeded > space) {
      taken.push(taken.length === 0 ? cut(name, space) : '…');
      break;
    }
    taken.push(name);
    width += stringWidth(name) + ', '.length;
  }
  return (keep === 'first' ? taken : taken.reverse()).join(', ');
};
