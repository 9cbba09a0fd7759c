import type { JobStatus, TaskStatus } from '../../domain/status.ts';
import type { Context } from '../context.ts';
import type { Pen, Style } from '../pen.ts';
import { writeAll } from '../write-all.ts';
import type { LogLine } from './log-line.ts';

/** Prints lines on stdout no faster than they are read: as documents, or as text with the task's name where there are several. */
export const linePrinter = (
  { io, output }: Context,
  job: JobStatus,
  tasks: readonly TaskStatus[],
  { timestamps }: { readonly timestamps: boolean },
): ((line: LogLine) => Promise<void>) => {
  const prefixes = tasks.length > 1 ? taskPrefixes(tasks, output.pen) : null;
  const asText = ({ task, timestamp, text }: LogLine): string =>
    [prefixes?.get(task), timestamps ? timestamp : null, text].filter(part => part != null).join(' ');
  return line => writeAll(io.stdout, `${output.json ? JSON.stringify({ job: job.name, ...line }) : asText(line)}\n`, io.signal);
};

const STYLES: readonly Style[] = ['cyan', 'yellow', 'green', 'magenta', 'blue', 'red'];

/** The tasks' names, each in a colour of its own as far as there are colours, and all equally wide. */
const taskPrefixes = (tasks: readonly TaskStatus[], { paint }: Pen): ReadonlyMap<string, string> => {
  const width = Math.max(...tasks.map(({ name }) => name.length));
  const prefixOf = (name: string, index: number): string =>
    paint(STYLES[index % STYLES.length] ?? 'reset', `${name.padEnd(width)} │`);
  return new Map(tasks.map(({ name }, index) => [name, prefixOf(name, index)]));
};
