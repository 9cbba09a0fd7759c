/** `alfred show`: all that is known of one job. */
import { formatDate, formatElapsed, formatTime } from '../../base/figures.ts';
import type { JobStatus, TaskStatus } from '../../domain/status.ts';
import { clockOf } from '../clock.ts';
import { type Context, withServer } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { findJob } from '../job-names.ts';
import { lines, oneLine } from '../one-line.ts';
import { bareYaml } from '../show/bare-yaml.ts';
import { wrapCommand } from '../show/wrap-command.ts';
import { renderTable } from '../table.ts';
import { whyEnded } from '../watch/changes.ts';
import { jobDocument, taskDocument } from '../watch/document.ts';
import { groupOf } from '../watch/groups.ts';
import { keptFor } from '../watch/kept.ts';
import { taskMark } from '../watch/slow.ts';
import { jobFigures, jobWord } from '../watch/summary.ts';

export const show = (context: Context, part: string): Promise<ExitCode> =>
  withServer(context, async ({ client }) => {
    const job = await findJob(client, part);
    const { output } = context;
    if (output.json) output.printDocument({ ...jobDocument(job), tasks: [...job.tasks.map(taskDocument)], jobfile: job.jobfile });
    else output.print(page(context, job).join('\n'));
    return EXIT.ok;
  });

const page = (context: Context, job: JobStatus): readonly string[] => {
  const { paint } = context.output.pen;
  const now = clockOf(context).now();
  const columns = context.io.stdout.columns ?? 80;
  const { word, style } = jobWord(job);
  const title = (text: string): string => paint('bold', text);
  return [
    `Job '${title(oneLine(job.name))}' ${paint(style, word)} (${jobFigures(job, now)})`,
    ...(job.about === '' ? [] : [oneLine(job.about)]),
    `Started ${formatDate(job.scheduledAt)} by ${oneLine(job.startedBy)}${job.completedAt === null ? '' : `, done ${formatDate(job.completedAt)}`}`,
    '',
    title('Command line'),
    ...wrapCommand(lines(job.commandLine).join('\n'), columns - 2).map(line => `  ${line}`),
    '',
    title('Tasks'),
    ...taskTable(context, job, now).map(line => `  ${line}`),
    '',
    title('Jobfile'),
    ...lines(bareYaml(job.jobfile)).map(line => `  ${line}`.trimEnd()),
  ];
};

const taskTable = ({ output: { pen } }: Context, job: JobStatus, now: number): readonly string[] => {
  const titles = ['STATE', 'TASK', 'STARTED', 'TOOK', 'WHY'].map(text => pen.paint('dim', text));
  return renderTable([titles, ...job.tasks.map(task => taskRow(task, job, now, pen.paint))]);
};

const taskRow = (task: TaskStatus, job: JobStatus, now: number, paint: Context['output']['pen']['paint']): readonly string[] => {
  const { name, emoji, label, style } = groupOf(task);
  const { startedAt, endedAt } = task;
  return [
    `${emoji} ${paint(style, name === 'warning' ? name : label)}`,
    [oneLine(task.name), taskMark(task, job, now)].filter(Boolean).join(' '),
    startedAt === null ? '' : formatTime(startedAt),
    startedAt === null ? '' : formatElapsed((endedAt ?? now) - startedAt),
    [whyEnded(task), keptFor(task, now)].filter(Boolean).join(', '),
  ];
};
