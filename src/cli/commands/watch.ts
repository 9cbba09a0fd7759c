/** `alfred watch`: follows a job to its end, or shows all of it once. */
import { type AttendOptions, attendJob } from '../attend.ts';
import { clockOf } from '../clock.ts';
import { type Context, nextCommand, withServer } from '../context.ts';
import { type ExitCode, jobExitCode } from '../exit-codes.ts';
import { findJob } from '../job-names.ts';
import { jobDocument, taskDocument } from '../watch/document.ts';
import { renderWatch } from '../watch/view.ts';

export const watch = (context: Context, part: string, options: Omit<AttendOptions, 'artifacts'>): Promise<ExitCode> =>
  withServer(context, async server => {
    const job = await findJob(server.client, part);
    const { output } = context;
    if (!output.verbose) return attendJob(context, server, job.name, options);
    if (output.json) output.printDocument({ ...jobDocument(job), tasks: [...job.tasks.map(taskDocument)] });
    else {
      const howToEnter = (task: string): string => nextCommand(context, 'exec', job.name, task);
      const view = { job, now: clockOf(context).now(), loss: null, activity: null, howToEnter };
      output.print(renderWatch(view, Number.POSITIVE_INFINITY, output.pen).join('\n'));
    }
    return jobExitCode(job);
  });
