/** What there is to say once a job is done: which tasks went wrong, why, what they said last, and where the rest is. */
import { relative, resolve } from 'node:path';
import { count } from '../base/figures.ts';
import type { JobStatus, TaskStatus } from '../domain/status.ts';
import { type Context, nextCommand, type OpenServer } from './context.ts';
import type { Saved } from './downloads.ts';
import { exitCodeFor } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { oneLine } from './one-line.ts';
import { quoteWord } from './quote.ts';
import { describeTask } from './watch/changes.ts';
import { type GroupName, groupNameOf } from './watch/groups.ts';

/** Worst first. */
const TROUBLE: readonly GroupName[] = ['failed', 'timedOut', 'warning'];

/** Tasks whose last words are shown; a job that fails as a whole would fill the screen with the same. */
const MOST_IN_FULL = 5;

/** Lines of a task's log that are shown. */
const LAST_LINES = 10;

/** For each task that failed, timed out or warned: why, the end of its log, and the command that shows all of it. */
export const reportTrouble = async (
  context: Context,
  server: OpenServer,
  job: JobStatus,
  saved: readonly Saved[],
): Promise<void> => {
  const { output } = context;
  const tasks = TROUBLE.flatMap(name => [...job.tasks.filter(task => groupNameOf(task) === name)]);
  for (const task of tasks.slice(0, MOST_IN_FULL)) {
    const lines = await lastLines(context, server, job, task);
    output.note(
      [
        '',
        describeTask(task, output.notePen),
        ...lines.map(line => output.notePen.paint('dim', `  │ ${line}`)),
        `  ${whereTheLogIs(context, server, job, task, saved)}`,
      ].join('\n'),
    );
  }
  const rest = tasks.slice(MOST_IN_FULL);
  if (rest.length > 0) output.note(`\nAnd ${rest.length} more: ${rest.map(({ name }) => oneLine(name)).join(', ')}`);
};

/** Empty where there is no log, or none to be had now: the report goes on without. */
const lastLines = async (
  { io }: Context,
  { client }: OpenServer,
  job: JobStatus,
  task: TaskStatus,
): Promise<readonly string[]> => {
  const chunks: Uint8Array[] = [];
  try {
    const query = { tailLines: LAST_LINES, follow: false };
    for await (const { data } of client.readLogs(job.name, task.name, query, io.hurry)) chunks.push(data);
  } catch {
    return [];
  }
  const written = Buffer.concat(chunks)
    .toString()
    .split('\n')
    .map(line => oneLine(line).replace(TIMESTAMP, ''))
    .filter(line => line !== '');
  // A single file's name says nothing that the task's does not.
  const named = written.filter(line => FILE_HEADER.test(line)).length > 1;
  return written.filter(line => named || !FILE_HEADER.test(line)).slice(-LAST_LINES);
};

/** At the start of each line of a log; here it takes more room than it is worth. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT[\d:.]+Z /;

/** As `tail -v` writes it. */
const FILE_HEADER = /^==> .* <==$/;

const whereTheLogIs = (
  context: Context,
  server: OpenServer,
  job: JobStatus,
  task: TaskStatus,
  saved: readonly Saved[],
): string => {
  if (!server.isLocal) return `All of its log: ${nextCommand(context, 'logs', job.name, task.name)}`;
  const result = saved.find(({ taskName }) => taskName === task.name);
  return result?.ok && result.path !== null ? `All of its log: ${unpackCommand(context, result.path)}` : 'There is no log of it.';
};

const unpackCommand = ({ io }: Context, path: string): string => `alfred artifact --extract ${quoteWord(relative(io.cwd, path))}`;

/** Says where the artifacts are and which could not be saved; answers what the command exits with for their sake. */
export const reportArtifacts = (context: Context, saved: readonly Saved[], folder = ''): ExitCode => {
  const { output, io } = context;
  const paths = saved.flatMap(result => (result.ok && result.path !== null ? [result.path] : []));
  const failed = saved.filter(result => !result.ok);
  const [first] = paths;
  if (first !== undefined) {
    const where = relative(io.cwd, resolve(io.cwd, folder)) || '.';
    output.note(`\n${count(paths.length, 'artifact')} in ${where}/\nTo unpack one: ${unpackCommand(context, first)}`);
  }
  for (const { taskName, error } of failed)
    output.note(`The artifact of ${oneLine(taskName)} could not be saved: ${oneLine((error as Error).message)}`);
  const [worst] = failed;
  return worst === undefined ? EXIT.ok : exitCodeFor(worst.error);
};
