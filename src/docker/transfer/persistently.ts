import { setTimeout as delay } from 'node:timers/promises';
import { type RemoteHost, UnreachableError } from '../../engine/ports.ts';
import { EngineError } from '../errors.ts';

/** Waits after a connection broke though its node could be reached at once: then it may be the node's engine that fails. */
const BREAK_WAITS_MS = [1_000, 2_000, 5_000, 10_000, 30_000];

/**
 * Does something that takes a while on a node, and starts anew when the connection breaks: as often as it takes while the node can't
 * be reached, a few times when it can. `attempt` finds out itself how far the last one came. Rejects at once when the node is gone.
 */
export const persistently = async <T>(host: RemoteHost, attempt: () => Promise<T>, signal: AbortSignal): Promise<T> => {
  const waits = [...BREAK_WAITS_MS];
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!isBrokenConnection(error)) throw error;
      const wasAway = await untilReachable(host, signal);
      const waitMs = wasAway ? 0 : waits.shift();
      if (waitMs === undefined) throw error;
      await delay(waitMs, undefined, { signal });
    }
  }
};

const isBrokenConnection = (error: unknown): boolean =>
  error instanceof UnreachableError || (error instanceof EngineError && error.transient && error.status === null);

/** Resolves when the node answers: `true` if it did not at first. */
const untilReachable = async (host: RemoteHost, signal: AbortSignal): Promise<boolean> => {
  for (let wasAway = false; ; wasAway = true) {
    try {
      const command = await host.run(':', signal);
      command.stdin.end();
      const [{ code }] = await Promise.all([command.ended, Array.fromAsync(command.stdout)]);
      if (code !== null) return wasAway;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof UnreachableError)) throw error;
      await error.reachable(signal);
    }
  }
};
