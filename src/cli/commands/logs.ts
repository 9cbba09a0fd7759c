/** `alfred logs`: what the steps of a task wrote, or those of many tasks, line by line. */
import type { JobStatus, TaskStatus } from '../../domain/status.ts';
import type { LogPiece } from '../../domain/task-log.ts';
import { type AlfredClient, ServerRefusedError } from '../../rpc/client-port.ts';
import { clockOf } from '../clock.ts';
import { type Context, withServer } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { findJob } from '../job-names.ts';
import { connectionNotices } from '../logs/connection-notices.ts';
import { linePrinter } from '../logs/line-printer.ts';
import { type LogFilter, passes } from '../logs/log-filter.ts';
import { byTime, type LogLine, readLogLines } from '../logs/log-line.ts';
import { type ConnectionNotices, unbrokenLog } from '../logs/unbroken-log.ts';
import { findTasks } from '../task-names.ts';
import { groupNameOf } from '../watch/groups.ts';
import { writeAll } from '../write-all.ts';

export type LogsOptions = {
  /** @default 100, and all where lines are picked by time or pattern */
  readonly lines?: number;
  readonly follow?: boolean;
  readonly failed?: boolean;
  /** Milliseconds back from now. */
  readonly since?: number;
  readonly grep?: RegExp;
  /** `false` for `--no-timestamps`. */
  readonly timestamps: boolean;
};

const DEFAULT_LINES = 100;

/** The most that the contract's field can hold. */
const ALL_LINES = 2 ** 31 - 1;

/** Tasks whose logs are fetched side by side; those that are followed are all open at once. */
const AT_ONCE = 8;

export const logs = (context: Context, part: string, taskName: string | undefined, options: LogsOptions): Promise<ExitCode> =>
  withServer(context, async ({ client }) => {
    const job = await findJob(client, part);
    const tasks = taskName === undefined ? [...job.tasks] : findTasks(job, [taskName]);
    const request: Request = {
      context,
      client,
      job,
      options,
      tasks: options.failed ? tasks.filter(hasFailed) : tasks,
      notices: connectionNotices(context),
    };
    if (taskName !== undefined && isPlain(context, options)) await copyLog(request, taskName);
    else if (options.follow) await followLines(request);
    else await printLines(request);
    return EXIT.ok;
  });

type Request = {
  readonly context: Context;
  readonly client: AlfredClient;
  readonly job: JobStatus;
  readonly tasks: readonly TaskStatus[];
  readonly options: LogsOptions;
  readonly notices: ConnectionNotices;
};

const hasFailed = (task: TaskStatus): boolean => ['failed', 'timedOut', 'warning'].includes(groupNameOf(task));

/** Nothing to pick and nothing to change: the log can go through byte for byte, colours and all. */
const isPlain = ({ output }: Context, { failed, since, grep, timestamps }: LogsOptions): boolean =>
  !output.json && !failed && since === undefined && grep === undefined && timestamps;

const copyLog = async (request: Request, taskName: string): Promise<void> => {
  const { io } = request.context;
  for await (const chunk of openLog(request, taskName, io.signal)) await writeAll(io.stdout, chunk, io.signal);
};

const openLog = (
  { context, client, job, options, notices }: Request,
  taskName: string,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> => {
  const isPicked = options.since !== undefined || options.grep !== undefined;
  const tailLines = options.lines ?? (isPicked ? ALL_LINES : DEFAULT_LINES);
  if (!options.follow) return bytesOf(client.readLogs(job.name, taskName, { tailLines, follow: false }, signal));
  return unbrokenLog(seen => client.readLogs(job.name, taskName, { tailLines, follow: true, seen }, signal), {
    notices,
    scheduler: clockOf(context),
    signal,
  });
};

async function* bytesOf(log: AsyncIterable<LogPiece>): AsyncGenerator<Uint8Array> {
  for await (const { data } of log) yield data;
}

/** All tasks at once, each line as it comes. */
const followLines = async (request: Request): Promise<void> => {
  const { io } = request.context;
  const print = linePrinter(request.context, request.job, request.tasks, request.options);
  const ending = new AbortController();
  const signal = AbortSignal.any([io.signal, ending.signal]);
  try {
    await Promise.all(
      request.tasks.map(async task => {
        for await (const line of pickedLines(request, task, signal)) await print(line);
      }),
    );
  } finally {
    // When one can't be followed any more, the others are to end too.
    ending.abort();
  }
};

/** The lines of all tasks, merged by time. */
const printLines = async (request: Request): Promise<void> => {
  const found: LogLine[][] = request.tasks.map(() => []);
  const waiting = request.tasks.entries();
  const work = async (): Promise<void> => {
    for (const [index, task] of waiting)
      found[index] = await Array.fromAsync(pickedLines(request, task, request.context.io.signal));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const lines = found.flat();
  const print = linePrinter(request.context, request.job, request.tasks, request.options);
  for (const line of request.tasks.length > 1 ? lines.sort(byTime) : lines) await print(line);
};

async function* pickedLines(request: Request, { name }: TaskStatus, signal: AbortSignal): AsyncGenerator<LogLine> {
  const { since, grep = null } = request.options;
  const filter: LogFilter = { since: since === undefined ? null : clockOf(request.context).now() - since, pattern: grep };
  try {
    for await (const line of readLogLines(name, openLog(request, name, signal))) if (passes(filter, line)) yield line;
  } catch (error) {
    // Among many tasks there may be some that never began.
    if (request.tasks.length > 1 && error instanceof ServerRefusedError && error.reason === 'notFound') return;
    throw error;
  }
}
