/** `alfred cancel`: ends a job, or one task of it, and answers when it is gone. */
import { count } from '../../base/figures.ts';
import { type Context, withServer } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { findJob } from '../job-names.ts';
import { findTasks } from '../task-names.ts';
import { hasEnded } from '../watch/groups.ts';

export const cancel = (context: Context, part: string, taskName?: string): Promise<ExitCode> =>
  withServer(context, async ({ client }) => {
    const { io, output } = context;
    const job = await findJob(client, part);
    const tasks = taskName === undefined ? [...job.tasks] : findTasks(job, [taskName]);
    const open = tasks.filter(task => !hasEnded(task) || task.keptUntil !== null);
    if (taskName === undefined) await client.cancelJob(job.name, io.signal);
    else await client.cancelTask(job.name, taskName, io.signal);
    const what = taskName === undefined ? job.name : `${taskName} of ${job.name}`;
    output.note(open.length === 0 ? `${what} had ended already` : `cancelled ${what}: ${count(open.length, 'task')}`);
    return EXIT.ok;
  });
