/** What a server does beside its jobs, at its start and again and again: removing what nobody owns or nobody needs. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../base/log.ts';

export type Chore = {
  /** For the log: what could not be done. */
  readonly name: string;
  readonly everyMs: number;
  readonly work: () => Promise<void>;
};

/**
 * Does each chore at once, then every so often, until `signal` aborts; a chore that fails is tried again at its next time.
 * Resolves when the signal has aborted and none is under way.
 */
export const keepUp = async (chores: readonly Chore[], log: Log, signal: AbortSignal): Promise<void> => {
  await Promise.all(chores.map(chore => repeat(chore, log, signal)));
};

const repeat = async ({ name, everyMs, work }: Chore, log: Log, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    await work().catch(error => log.warn({ err: error }, `could not ${name}; trying again`));
    await delay(everyMs, undefined, { signal, ref: false }).catch(() => {});
  }
};
