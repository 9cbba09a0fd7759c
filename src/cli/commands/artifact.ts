/** `alfred artifact`: downloads what tasks left in their output folder, and unpacks it where that is asked for. */
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { formatBytes } from '../../base/figures.ts';
import type { JobStatus, TaskStatus } from '../../domain/status.ts';
import type { AlfredClient } from '../../rpc/client-port.ts';
import { ServerRefusedError } from '../../rpc/client-port.ts';
import { clockOf } from '../clock.ts';
import { type Context, withServer } from '../context.ts';
import { downloadArtifact } from '../downloads.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { findJob } from '../job-names.ts';
import { openPhases, type Phases } from '../phases.ts';
import { findTasks } from '../task-names.ts';
import { unpackArtifact } from '../unpack.ts';

const SUFFIX = '.tar.zst';

export type ArtifactOptions = {
  /** The folder to download to, and to unpack in. */
  readonly output?: string;
  readonly extract?: boolean;
};

/** `what` is a job, or an artifact that is here already; no job's name looks like that. */
export const artifact = (
  context: Context,
  what: string,
  taskNames: readonly string[],
  options: ArtifactOptions,
): Promise<ExitCode> =>
  what.endsWith(SUFFIX) ? unpackFile(context, what, options) : downloadTasks(context, what, taskNames, options);

const unpackFile = async (context: Context, path: string, { output }: ArtifactOptions): Promise<ExitCode> => {
  const file = resolve(context.io.cwd, path);
  const folder = join(output === undefined ? dirname(file) : resolve(context.io.cwd, output), basename(file, SUFFIX));
  await unpack(context, file, folder, text => context.output.note(text));
  report(context, { path: folder });
  return EXIT.ok;
};

const downloadTasks = (
  context: Context,
  part: string,
  taskNames: readonly string[],
  options: ArtifactOptions,
): Promise<ExitCode> =>
  withServer(context, async ({ client }) => {
    const job = await findJob(client, part);
    const tasks = taskNames.length === 0 ? [...job.tasks] : findTasks(job, taskNames);
    const folder = resolve(context.io.cwd, options.output ?? '.');
    const phases = openPhases(context.io, context.output, clockOf(context));
    const missing: string[] = [];
    try {
      for (const task of tasks) {
        const path = await download(context, client, phases, job, task, folder);
        if (path === null) missing.push(task.name);
        else await keep(context, phases, task, path, options);
      }
    } finally {
      phases.end();
    }
    // A task that was asked for by name and has nothing is a mistake; among all of them it is not.
    if (taskNames.length > 0 && missing.length > 0)
      throw new ServerRefusedError(`there is no artifact of ${missing.join(', ')}`, 'notFound');
    return EXIT.ok;
  });

const download = async (
  { io }: Context,
  client: AlfredClient,
  phases: Phases,
  job: JobStatus,
  task: TaskStatus,
  folder: string,
): Promise<string | null> => {
  const phase = phases.start(`downloading ${task.name}`);
  let received = 0;
  const onBytes = (bytes: number): void => {
    received += bytes;
    phase.detail(formatBytes(received));
  };
  const path = await downloadArtifact({ client, jobId: job.name, taskName: task.name, folder, signal: io.signal, onBytes });
  if (path === null) phase.warn(`${task.name} has no artifact`);
  else if (task.state === 'running') phase.warn(`${task.name}: ${formatBytes(received)}, a snapshot: the task still runs`);
  else phase.done(`${task.name}: ${formatBytes(received)}`);
  return path;
};

/** Leaves the archive, or what was in it. */
const keep = async (
  context: Context,
  phases: Phases,
  task: TaskStatus,
  path: string,
  { extract }: ArtifactOptions,
): Promise<void> => {
  const isSnapshot = task.state === 'running';
  if (!extract) return report(context, { task: task.name, path, isSnapshot });
  const folder = path.slice(0, -SUFFIX.length);
  try {
    await unpack(context, path, folder, phases.note);
  } finally {
    await rm(path, { force: true });
  }
  report(context, { task: task.name, path: folder, isSnapshot });
};

const unpack = async ({ io }: Context, file: string, folder: string, note: (text: string) => void): Promise<void> => {
  const { leftOut } = await unpackArtifact(createReadStream(file), folder, io.signal);
  for (const name of leftOut) note(`! left out ${name}: it is no plain file, or leads out of the folder`);
};

/** Where it is now: on stdout, so that it can be piped. */
const report = (
  { io, output }: Context,
  result: { readonly task?: string; readonly path: string; readonly isSnapshot?: boolean },
): void => {
  if (output.json) output.printDocument(result);
  else output.print(relative(io.cwd, result.path) || '.');
};
