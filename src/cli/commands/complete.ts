/** `alfred __complete`: what the scripts of `alfred completion` ask while somebody types. It answers in time, or nothing. */
import type { Command } from 'commander';
import { firstValueFrom, timer } from 'rxjs';
import type { JobStatus } from '../../domain/status.ts';
import { clockOf } from '../clock.ts';
import { type Candidate, type WantedWords, wantedAt } from '../completion/wanted.ts';
import { type Context, withServer } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { pickJob } from '../job-names.ts';
import { oneLine } from '../one-line.ts';
import { resolveRemote } from '../remote.ts';
import { groupOf } from '../watch/groups.ts';
import { jobFigures, jobWord } from '../watch/summary.ts';

/** What is left for the server of the 300 ms that a person waits for a word, after the program's own start. */
const SERVER_MS = 150;

/** `words` are those after `alfred`, the last one as far as it is typed. `program` has read the options among them. */
export const complete = async (context: Context, program: Command, words: readonly string[]): Promise<ExitCode> => {
  const typed = words.at(-1) ?? '';
  const wanted = wantedAt(program, words.slice(0, -1), typed);
  // A message would stand in the middle of what is being typed.
  const lines = wanted.type === 'files' ? [':files'] : linesOf(await candidatesFor(context, wanted).catch(() => []), typed);
  if (lines.length > 0) context.output.print(lines.join('\n'));
  return EXIT.ok;
};

const linesOf = (candidates: readonly Candidate[], typed: string): readonly string[] =>
  candidates.filter(({ value }) => value.startsWith(typed)).map(({ value, about }) => `${oneLine(value)}\t${oneLine(about)}`);

const candidatesFor = async (context: Context, wanted: WantedWords): Promise<readonly Candidate[]> => {
  switch (wanted.type) {
    case 'nothing':
      return [];
    case 'words':
      return wanted.candidates;
    case 'jobs':
      return (await listJobs(context)).map(job => ({ value: job.name, about: aboutJob(context, job) })).reverse();
    case 'tasks': {
      const job = pickJob(await listJobs(context), wanted.job);
      const open = job?.tasks.filter(({ name }) => !wanted.taken.includes(name)) ?? [];
      return [...open].map(task => ({ value: task.name, about: groupOf(task).label }));
    }
  }
};

const aboutJob = (context: Context, job: JobStatus): string => `${jobWord(job).word}, ${jobFigures(job, clockOf(context).now())}`;

/** Empty when the server does not answer in time. No server is started to be asked. */
const listJobs = async (context: Context): Promise<readonly JobStatus[]> => {
  if (resolveRemote(context.remoteOptions, context.io.env).type === 'local') return [];
  const timeUp = new AbortController();
  const signal = AbortSignal.any([context.io.signal, timeUp.signal]);
  const asked = withServer({ ...context, io: { ...context.io, signal } }, ({ client }) => firstValueFrom(client.watchJobs()));
  // Too late to be of use, and nobody to hear of it.
  asked.catch(() => undefined);
  const tooLate = firstValueFrom(timer(SERVER_MS, clockOf(context)));
  const jobs = await Promise.race([asked, tooLate]);
  timeUp.abort();
  return Array.isArray(jobs) ? jobs : [];
};
