/** `alfred logs`: what a task's steps wrote. */
import { type Context, withServer } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { findJob } from '../job-names.ts';
import { lineSplitter } from '../lines.ts';
import { findTasks } from '../task-names.ts';
import { writeAll } from '../write-all.ts';

export type LogsOptions = { readonly lines: number; readonly follow?: boolean };

export const logs = (context: Context, part: string, taskName: string, options: LogsOptions): Promise<ExitCode> =>
  withServer(context, async ({ client }) => {
    const { io, output } = context;
    const job = await findJob(client, part);
    findTasks(job, [taskName]);
    const query = { tailLines: options.lines, follow: options.follow === true };
    const chunks = client.readLogs(job.name, taskName, query, io.signal);
    if (output.json) {
      const splitter = lineSplitter(line => output.printDocument({ job: job.name, task: taskName, line }));
      for await (const chunk of chunks) splitter.write(chunk);
      splitter.end();
    } else for await (const chunk of chunks) await writeAll(io.stdout, chunk, io.signal);
    return EXIT.ok;
  });
