/** `alfred rerun`: a job once more, with the images that the server has of it. */
import { type AttendOptions, attendJob } from '../attend.ts';
import { clockOf } from '../clock.ts';
import { type Context, type OpenServer, withServer } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { findJob } from '../job-names.ts';
import { openPhases } from '../phases.ts';
import { startedBy } from '../started-by.ts';

export type RerunOptions = AttendOptions & {
  readonly async?: boolean;
  readonly failed?: boolean;
  /** Milliseconds. */
  readonly keepFailed?: number;
};

export const rerun = (context: Context, part: string, options: RerunOptions): Promise<ExitCode> =>
  withServer(context, async server => {
    const { output } = context;
    const old = await findJob(server.client, part);
    const jobId = await resubmit(context, server, old.name, options);
    if (!options.async) return attendJob(context, server, jobId, options);
    if (output.json) output.printDocument({ name: jobId });
    else output.print(jobId);
    return EXIT.ok;
  });

/** The new job's full name. */
const resubmit = async (
  context: Context,
  { client }: OpenServer,
  old: string,
  { failed: onlyFailed = false, keepFailed: keepFailedMs = 0 }: RerunOptions,
): Promise<string> => {
  const { io, output, commandLine } = context;
  const phases = openPhases(io, output, clockOf(context));
  try {
    const what = onlyFailed ? `what failed of ${old}` : old;
    const phase = phases.start(`scheduling ${what} again`);
    const request = { onlyFailed, keepFailedMs, commandLine, startedBy: startedBy(io.env) };
    const jobId = await client.rerunJob(old, request, io.signal);
    phase.done(`scheduled ${jobId}: ${what} again`);
    return jobId;
  } finally {
    phases.end();
  }
};
