/** `alfred run`: from a jobfile to a job, and with it to its end. */
import { toYaml } from '../../jobfile/jobfile.ts';
import { type AttendOptions, attendJob } from '../attend.ts';
import { type Context, type OpenServer, withServer } from '../context.ts';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { readOrRefuse } from '../jobfile.ts';
import { resolveRemote } from '../remote.ts';
import { submit } from '../submit/submit.ts';

export type RunOptions = AttendOptions & {
  readonly async?: boolean;
  readonly dryRun?: boolean;
  /** Milliseconds. */
  readonly keepFailed?: number;
  readonly param?: Readonly<Record<string, string>>;
};

export const run = async (context: Context, path: string, args: readonly string[], options: RunOptions): Promise<ExitCode> => {
  const { io, output } = context;
  if (options.async && resolveRemote(context.remoteOptions, io.env).type === 'local') throw new UsageError(LOCAL_ASYNC);
  const read = await readOrRefuse(context, path, args, options.param ?? {});
  const { jobfile } = read;
  if (options.dryRun) {
    if (output.json) output.printDocument(jobfile);
    else output.print(toYaml(jobfile).trimEnd());
    return EXIT.ok;
  }
  return withServer(context, async server => {
    const jobId = await submit(context, server, read, options);
    if (!options.async) return attendJob(context, server, jobId, withArtifacts(options, server, jobId));
    if (output.json) output.printDocument({ name: jobId });
    else output.print(jobId);
    return EXIT.ok;
  });
};

const LOCAL_ASYNC = '--async needs a server that goes on when this command ends: leave out --async or --local';

/** Nothing remains of a server that ends with the command, so its artifacts are saved in any case. */
const withArtifacts = (options: RunOptions, { isLocal }: OpenServer, jobId: string): RunOptions =>
  options.artifacts === undefined && isLocal ? { ...options, artifacts: `alfred-artifacts/${jobId}` } : options;
