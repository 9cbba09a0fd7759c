/** Stays with a job to its end on behalf of `run` and `watch`: shows it, saves what was asked for, says what to do next. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { invariant } from '../base/invariant.ts';
import type { JobStatus } from '../domain/status.ts';
import { clockOf } from './clock.ts';
import { type Context, nextCommand, type OpenServer } from './context.ts';
import { type Downloads, openDownloads } from './downloads.ts';
import { exitCodeFor, UsageError } from './errors.ts';
import { EXIT, type ExitCode, jobExitCode } from './exit-codes.ts';
import { Interruption } from './io.ts';
import { renderJunit } from './junit.ts';
import { oneLine } from './one-line.ts';
import { quoteCommand } from './quote.ts';
import { reportArtifacts, reportTrouble } from './report.ts';
import { type Display, documentDisplay, lineDisplay, liveDisplay, twoDisplays } from './watch/display.ts';
import { type HowToEnter, keptFor, keptTasks } from './watch/kept.ts';
import { watchJob } from './watch/watch-job.ts';

export type AttendOptions = {
  readonly abortOnFailure?: boolean;
  readonly abortOnError?: boolean;
  /** The file for the report. */
  readonly junit?: string;
  /** The folder for the artifacts, as the user named it; none: they stay on the server. */
  readonly artifacts?: string;
};

/** Answers what the command exits with. */
export const attendJob = async (
  context: Context,
  server: OpenServer,
  jobId: string,
  options: AttendOptions,
): Promise<ExitCode> => {
  const { io } = context;
  const downloads = startDownloads(context, server, jobId, options);
  const job = await watchJob(
    {
      client: server.client,
      jobId,
      display: pickDisplay(context),
      abort: { onFailure: options.abortOnFailure === true, onError: options.abortOnError === true },
      onInterrupt: server.isLocal ? 'cancel' : 'leave',
      howToEnter: howToEnter(context, server, jobId),
      onStatus: status => downloads?.take(status),
    },
    io,
    clockOf(context),
  );
  const saved = (await downloads?.finish()) ?? [];
  if (job !== null && options.junit !== undefined) await writeJunit(resolve(io.cwd, options.junit), job);
  if (job === null || job.completedAt === null) return leave(context, server, jobId, job);
  await reportTrouble(context, server, job, saved);
  const savingCode = reportArtifacts(context, saved, options.artifacts);
  if (io.signal.aborted) return exitCodeFor(io.signal.reason);
  const jobCode = jobExitCode(job);
  return jobCode === EXIT.ok ? savingCode : jobCode;
};

/** What there is to say to somebody who did not wait for the end. */
const leave = (context: Context, server: OpenServer, jobId: string, job: JobStatus | null): ExitCode => {
  const { reason } = context.io.signal;
  invariant(context.io.signal.aborted, 'a watch that nobody interrupted goes on to the end');
  if (isByHand(reason)) context.output.note(server.isLocal ? leftBehind(jobId, job) : goesOn(context, jobId, job));
  return exitCodeFor(reason);
};

/** A server inside the command listens where another command of the same user can find it. */
const howToEnter =
  (context: Context, { remote }: OpenServer, jobId: string): HowToEnter =>
  taskName =>
    remote === undefined
      ? nextCommand(context, 'exec', jobId, taskName)
      : quoteCommand(['alfred', '--remote', remote, 'exec', jobId, taskName]);

const startDownloads = (
  context: Context,
  { client, isLocal }: OpenServer,
  jobId: string,
  { artifacts }: AttendOptions,
): Downloads | null => {
  if (artifacts === undefined) return null;
  const { io } = context;
  // With a server of its own, Ctrl+C cancels the job and waits for it: what its tasks made is saved all the same.
  const signal = isLocal ? io.hurry : io.signal;
  return openDownloads({ client, jobId, folder: resolve(io.cwd, artifacts), signal }, clockOf(context));
};

const pickDisplay = ({ io, output }: Context): Display => {
  const forPeople = output.isLive ? liveDisplay(io.stderr, output.notePen) : lineDisplay(output.note, output.notePen);
  return output.json ? twoDisplays(forPeople, documentDisplay(output.printDocument)) : forPeople;
};

const writeJunit = async (path: string, job: JobStatus): Promise<void> => {
  try {
    await writeFile(path, renderJunit(job));
  } catch (cause) {
    throw new UsageError(`--junit: ${(cause as Error).message}`, { cause });
  }
};

const isByHand = (reason: unknown): boolean => reason instanceof Interruption && reason.type === 'interrupted';

const goesOn = (context: Context, jobId: string, job: JobStatus | null): string =>
  [
    'Interrupted: the job goes on.',
    ...(job === null ? [] : keptTasks(job)).map(
      task =>
        `To get into ${oneLine(task.name)} (${keptFor(task, clockOf(context).now())}): ${nextCommand(context, 'exec', jobId, task.name)}`,
    ),
    `To follow it again: ${nextCommand(context, 'watch', jobId)}`,
    `To end it: ${nextCommand(context, 'cancel', jobId)}`,
  ].join('\n');

const leftBehind = (jobId: string, job: JobStatus | null): string =>
  [
    'Left at once: containers and networks of the job may still be there. To remove them:',
    `docker rm --force --volumes $(docker ps --all --quiet --filter label=alfred.job=${jobId})`,
    `docker network rm $(docker network ls --quiet --filter label=alfred.job=${jobId})`,
    // Made where somebody looked into a kept task; without its parents, which may be a step's own.
    ...(job === null || keptTasks(job).length === 0
      ? []
      : [
          `docker image ls --quiet --filter label=alfred.job=${jobId} | xargs --no-run-if-empty docker image rm --force --no-prune`,
        ]),
  ].join('\n');
