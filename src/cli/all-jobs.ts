/** Jobs of all times: those that the server shows by itself, and those that only its history knows. */
import type { JobStatus } from '../domain/status.ts';
import { type AlfredClient, ServerRefusedError } from '../rpc/client-port.ts';

/** In the order of their submission. `isComplete`: `false` when the server is too old to tell more than it shows by itself. */
export type AllJobs = { readonly jobs: readonly JobStatus[]; readonly isComplete: boolean };

const PAGE = 200;

/** `shown`: what the server shows by itself. */
export const listAllJobs = async (client: AlfredClient, shown: readonly JobStatus[], signal: AbortSignal): Promise<AllJobs> => {
  try {
    const past = await Array.fromAsync(finishedPages(client, signal));
    // A job that ended in between is in both; what was heard last of it counts.
    const byName = new Map([...shown, ...past.flat()].map(job => [job.name, job]));
    return { jobs: [...byName.values()].sort((one, other) => one.scheduledAt - other.scheduledAt), isComplete: true };
  } catch (error) {
    if (!isTooOld(error)) throw error;
    return { jobs: shown, isComplete: false };
  }
};

/** The last ones that finished with this in their name, oldest end first; none when the server is too old to look. */
export const searchFinished = async (client: AlfredClient, namePart: string, limit: number): Promise<readonly JobStatus[]> => {
  try {
    return await client.listJobs({ namePart, limit });
  } catch (error) {
    if (!isTooOld(error)) throw error;
    return [];
  }
};

/** The newest page first. */
async function* finishedPages(client: AlfredClient, signal: AbortSignal): AsyncGenerator<readonly JobStatus[]> {
  let page = await client.listJobs({ limit: PAGE }, signal);
  for (let [oldest] = page; oldest !== undefined; [oldest] = page) {
    yield page;
    page = await client.listJobs({ limit: PAGE, before: oldest.name }, signal);
  }
}

const isTooOld = (error: unknown): boolean => error instanceof ServerRefusedError && error.reason === 'unimplemented';
