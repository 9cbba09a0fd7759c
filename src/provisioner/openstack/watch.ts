/** Looks after the servers of nodes that are online: news of what the cloud, or somebody in it, did to them. */
import type { Log } from '../../base/log.ts';
import type { Clock } from './clock.ts';
import type { Nova, Server } from './nova.ts';
import type { Timings } from './options.ts';
import { isGone } from './ownership.ts';

/**
 * States in which what ran on a server has ended, so that waiting for it is in vain. Nova's word alone is not taken for it: ERROR, say,
 * is also what a failed migration leaves of a server that runs on. A paused or suspended server goes on where it was.
 */
const ENDED: Readonly<Record<string, string>> = {
  SHUTOFF: 'was shut off',
  SHELVED: 'was shelved',
  SHELVED_OFFLOADED: 'was shelved',
};

/** Why a server is no node any more; `null`: it is one, or may be. `name`: as the message names it. */
export const whyLost = (server: Server | null, name: string, isReached: boolean): string | null => {
  if (server === null || isGone(server)) return `server ${name} was deleted by someone`;
  if (isReached) return null;
  if (server.status === 'ERROR') return `server ${name} is in state ERROR: ${server.fault ?? 'Nova does not say why'}`;
  const what = ENDED[server.status];
  return what === undefined ? null : `server ${name} ${what} by someone, and with it what ran there`;
};

/** A server that is looked after. */
export type Watched = {
  readonly serverId: string;
  readonly name: string;
  readonly isReached: () => boolean;
};

/** Resolves with why the server is lost; rejects when `signal` aborts. */
export const untilLost = async (
  { nova, timings, clock, log }: { readonly nova: Nova; readonly timings: Timings; readonly clock: Clock; readonly log: Log },
  { serverId, name, isReached }: Watched,
  signal: AbortSignal,
): Promise<string> => {
  let lookedAt = clock.now();
  for (;;) {
    await clock.sleep(timings.watchLostEveryMs, signal);
    if (isReached() && clock.now() - lookedAt < timings.watchEveryMs) continue;
    try {
      const why = whyLost(await nova.findServer(serverId, signal), name, isReached());
      if (why !== null) return why;
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error, server: serverId }, 'the cloud does not say how the server is; it counts as being there');
    }
    lookedAt = clock.now();
  }
};
