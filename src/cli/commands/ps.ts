/** `alfred ps`: the jobs, newest last, so that what matters most stands above the prompt. */
import { firstValueFrom } from 'rxjs';
import type { JobStatus } from '../../domain/status.ts';
import type { AlfredClient } from '../../rpc/client-port.ts';
import { listAllJobs } from '../all-jobs.ts';
import { clockOf } from '../clock.ts';
import { type Context, withServer } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { oneLine } from '../one-line.ts';
import { renderTable } from '../table.ts';
import { formatDate, formatElapsed, percent } from '../units.ts';
import { jobDocument } from '../watch/document.ts';
import { hasEnded } from '../watch/groups.ts';
import { jobMark } from '../watch/slow.ts';
import { jobWord } from '../watch/summary.ts';

/** Finished jobs that are shown unless all are asked for. */
const RECENT = 20;

export const ps = (context: Context, { all }: { readonly all?: boolean }): Promise<ExitCode> =>
  withServer(context, async ({ client }) => {
    const { output } = context;
    const jobs = all ? await allJobs(context, client) : recent(await firstValueFrom(client.watchJobs()));
    if (output.json) for (const job of jobs) output.printDocument(jobDocument(job));
    else if (jobs.length > 0) output.print(table(context, jobs).join('\n'));
    else output.note('No jobs yet.');
    return EXIT.ok;
  });

const allJobs = async ({ io, output }: Context, client: AlfredClient): Promise<readonly JobStatus[]> => {
  const { jobs, isComplete } = await listAllJobs(client, io.signal);
  if (!isComplete) output.note('The server is of an older version, and lists only the jobs that finished last.');
  return jobs;
};

/** Unfinished ones, and the last that finished. */
const recent = (jobs: readonly JobStatus[]): readonly JobStatus[] => {
  const finished = jobs.filter(({ completedAt }) => completedAt !== null);
  const shown = new Set(finished.slice(-RECENT));
  return jobs.filter(job => job.completedAt === null || shown.has(job));
};

const table = (context: Context, jobs: readonly JobStatus[]): readonly string[] => {
  const { paint } = context.output.pen;
  const now = clockOf(context).now();
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
      [paint(style, word), job.completedAt === null ? jobMark(job, now) : ''].filter(Boolean).join(' '),
    ];
  });
  return renderTable([header, ...rows]);
};
