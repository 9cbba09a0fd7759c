/** `alfred check`: reads a jobfile as `run` does, and needs neither Docker nor a server for it. */
import { count } from '../../base/figures.ts';
import { type Problem, renderProblems } from '../../jobfile/problem.ts';
import { readJobfile } from '../../jobfile/read.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

export type CheckOptions = { readonly param?: Readonly<Record<string, string>> };

export const check = async (
  context: Context,
  path: string,
  args: readonly string[],
  { param = {} }: CheckOptions,
): Promise<ExitCode> => {
  const { io, output } = context;
  const reading = await readJobfile({ path, args, params: param, env: io.env, signal: io.signal });
  if (!reading.ok) {
    if (output.json) for (const problem of reading.problems) output.printDocument(problem);
    else output.note([renderProblems(reading.problems), ...total(reading.problems)].join('\n\n'));
    return EXIT.usage;
  }
  const { name, steps, services, tasks } = reading.jobfile;
  const parts = [count(steps.length, 'step'), count(services.length, 'service'), count(tasks.length, 'task')];
  if (!output.json) output.note(`${path} is fine: job ${name}, ${parts.join(', ')}`);
  return EXIT.ok;
};

/** Nothing where the jobfile itself said stop: its words are all there is to say. */
const total = (problems: readonly Problem[]): readonly string[] =>
  problems.some(({ type }) => type === 'stopped') ? [] : [count(problems.length, 'problem')];
