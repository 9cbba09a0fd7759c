/** Finds the job that a user means by part of its name. */
import { firstValueFrom } from 'rxjs';
import type { JobId } from '../domain/names.ts';
import type { JobStatus } from '../domain/status.ts';
import { type AlfredClient, ServerRefusedError } from '../rpc/client-port.ts';
import { searchFinished } from './all-jobs.ts';
import { UsageError } from './errors.ts';

/** More names than this help nobody to choose. */
const MOST_SHOWN = 5;

/**
 * The job's state, by its full name or any part of it that no other job has. The full name is asked for first: it costs the
 * server one job instead of a list. Jobs that only the history knows are looked for last: a part that was typed yesterday means
 * the same today, however many jobs of last year have it too.
 */
export const findJob = async (client: AlfredClient, part: string): Promise<JobStatus> => {
  try {
    return await firstValueFrom(client.watchJob(part));
  } catch (error) {
    if (!(error instanceof ServerRefusedError) || (error.reason !== 'notFound' && error.reason !== 'invalid')) throw error;
    const shown = pickJob(await firstValueFrom(client.watchJobs()), part);
    if (shown !== null) return shown;
    const past = pickJob(await searchFinished(client, part, MOST_SHOWN + 1), part);
    if (past === null) throw error;
    // Lists of the past come without jobfiles.
    return await firstValueFrom(client.watchJob(past.name));
  }
};

/** `null` when no name has the part; throws {@link UsageError}, with the names, when several have it. */
export const pickJob = (jobs: readonly JobStatus[], part: string): JobStatus | null => {
  const matches = jobs.filter(({ name }) => name.includes(part));
  const exact = matches.find(({ name }) => name === (part as JobId));
  if (exact !== undefined) return exact;
  if (matches.length > 1) throw new UsageError(`${part} is part of several names: ${namesOf(matches)}; write a longer part`);
  return matches[0] ?? null;
};

/** The newest first: most likely it is one of them. */
const namesOf = (jobs: readonly JobStatus[]): string => {
  const names = jobs.map(({ name }) => name).reverse();
  return names.length > MOST_SHOWN ? `${names.slice(0, MOST_SHOWN).join(', ')} and others` : names.join(', ');
};
