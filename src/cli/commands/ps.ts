/** `alfred ps`: the jobs, newest last, so that what matters most stands above the prompt. */
import { firstValueFrom } from 'rxjs';
import { formatDate, formatElapsed, percent } from '../../base/figures.ts';
import type { JobId } from '../../domain/names.ts';
import type { JobStatus, NodeStatus } from '../../domain/status.ts';
import type { AlfredClient } from '../../rpc/client-port.ts';
import { listAllJobs } from '../all-jobs.ts';
import { clockOf } from '../clock.ts';
import { type Context, withServer } from '../context.ts';
import type { PsDocument } from '../documents.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { oneLine } from '../one-line.ts';
import { renderTable } from '../table.ts';
import { jobDocument } from '../watch/document.ts';
import { hasEnded } from '../watch/groups.ts';
import { jobMark } from '../watch/slow.ts';
import { jobWord } from '../watch/summary.ts';

/** Finished jobs that are shown unless all are asked for. */
const RECENT = 20;

export const ps = (context: Context, { all }: { readonly all?: boolean }): Promise<ExitCode> =>
  withServer(context, async ({ client }) => {
    const { output } = context;
    const { jobs: shown, nodes } = await firstValueFrom(client.watchStatus());
    const jobs = all ? await allJobs(context, client, shown) : recent(shown);
    const unreachable = unreachableTasks(nodes);
    if (output.json) for (const job of jobs) output.printDocument(psDocument(job, unreachable));
    else if (jobs.length > 0) output.print(table(context, jobs, unreachable).join('\n'));
    else output.note('No jobs yet.');
    return EXIT.ok;
  });

const allJobs = async (
  { io, output }: Context,
  client: AlfredClient,
  shown: readonly JobStatus[],
): Promise<readonly JobStatus[]> => {
  const { jobs, isComplete } = await listAllJobs(client, shown, io.signal);
  if (!isComplete) output.note('The server is of an older version, and lists only the jobs that finished last.');
  return jobs;
};

/** Unfinished ones, and the last that finished. */
const recent = (jobs: readonly JobStatus[]): readonly JobStatus[] => {
  const finished = jobs.filter(({ completedAt }) => completedAt !== null);
  const shown = new Set(finished.slice(-RECENT));
  return jobs.filter(job => job.completedAt === null || shown.has(job));
};

/** Of each job, the names of the tasks on nodes that do not answer. */
type UnreachableTasks = ReadonlyMap<JobId, ReadonlySet<string>>;

const unreachableTasks = (nodes: readonly NodeStatus[]): UnreachableTasks => {
  const silent = nodes.filter(({ unreachable }) => unreachable !== null);
  const held = silent.flatMap(({ slots }) => slots.flatMap(({ task }) => (task === null ? [] : [task])));
  return new Map([...Map.groupBy(held, ({ job }) => job)].map(([job, tasks]) => [job, new Set(tasks.map(({ name }) => name))]));
};

/** How many of a job's tasks run where nobody answers: as far as anybody knows, they run on. */
const countUnreachable = (job: JobStatus, unreachable: UnreachableTasks): number => {
  const names = unreachable.get(job.name);
  return names === undefined ? 0 : job.tasks.count(({ name, state }) => state === 'running' && names.has(name));
};

const psDocument = (job: JobStatus, unreachable: UnreachableTasks): PsDocument => ({
  ...jobDocument(job),
  tasksUnreachable: countUnreachable(job, unreachable),
});

const table = (context: Context, jobs: readonly JobStatus[], unreachable: UnreachableTasks): readonly string[] => {
  const { paint } = context.output.pen;
  const now = clockOf(context).now();
  const silence = (tasks: number): string => (tasks === 0 ? '' : paint('red', `(${tasks} unreachable)`));
  const header = ['WHEN', 'WHO', 'JOB', 'DONE', 'TOOK', 'STATE'].map(title => paint('dim', title));
  const rows = jobs.map(job => {
    const { word, style } = jobWord(job);
    const done = job.tasks.count(hasEnded);
    const total = job.tasks.size;
    return [
      formatDate(job.scheduledAt),
      oneLine(job.startedBy),
      paint('bold', oneLine(job.name)),
      `${done}/${total} ${percent(done, total)}%`,
      formatElapsed((job.completedAt ?? now) - job.scheduledAt),
      [paint(style, word), silence(countUnreachable(job, unreachable)), job.completedAt === null ? jobMark(job, now) : '']
        .filter(Boolean)
        .join(' '),
    ];
  });
  return renderTable([header, ...rows]);
};
