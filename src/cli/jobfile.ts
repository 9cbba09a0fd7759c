import { renderProblems } from '../jobfile/problem.ts';
import { type JobfileRequest, type Reading, readJobfile } from '../jobfile/read.ts';
import type { Context } from './context.ts';
import { JobfileError } from './errors.ts';

/** Reads a jobfile for a command. Throws {@link JobfileError}. */
export const readOrRefuse = async (
  { io }: Context,
  path: string,
  args: readonly string[],
  params: Readonly<Record<string, string>>,
): Promise<Extract<Reading, { ok: true }>> => {
  const request: JobfileRequest = { path, args, params, env: io.env, signal: io.signal };
  const reading = await readJobfile(request);
  if (!reading.ok) throw new JobfileError(renderProblems(reading.problems));
  return reading;
};
