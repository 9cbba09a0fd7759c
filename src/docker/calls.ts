/**
 * How the engine is called: every request goes through one of these, so that each has a time limit, is tried again when the engine
 * is away for a moment, and fails with the engine's own words.
 */
import pRetry from 'p-retry';
import { untilAborted } from '../base/until-aborted.ts';
import { NodeGoneError, UnreachableError } from '../engine/ports.ts';
import { EngineError, findCause, toEngineError } from './errors.ts';

/** An engine that takes longer over a single call than this hangs. Creating a network takes seconds on a loaded host. */
const CALL_LIMIT_MS = 120_000;

/** How long a change that is under way is waited for after a cancel. */
const CHANGE_GRACE_MS = 10_000;

/** An engine that restarts is back within this; an answer of 5xx is worth three tries and no more. */
const BACKOFF = { retries: 8, minTimeout: 250, maxTimeout: 10_000 } as const;
const TRIES_AFTER_ANSWER = 3;

/** Asks the engine something; a cancel cuts the call at once. */
export const ask = <T>(what: string, call: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> =>
  retried(what, () => askOnce(what, call, signal), signal);

/** Like {@link ask}, for whoever wants to know that the engine was away. */
export const askOnce = async <T>(
  what: string,
  call: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
  limitMs = CALL_LIMIT_MS,
): Promise<T> => {
  signal?.throwIfAborted();
  const limit = AbortSignal.timeout(limitMs);
  const cut = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  try {
    // Beside dockerode's own `abortSignal`: a call whose answer is cut in the middle never settles there.
    return await untilAborted(call(cut), cut);
  } catch (error) {
    throw failureOf(what, error, signal, limitMs);
  }
};

/** Changes something on the engine, and tries again like {@link ask}: only for what may be done twice. A cancel: see {@link changeOnce}. */
export const change = <T>(what: string, call: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
  retried(what, () => changeOnce(what, call, signal), signal);

/**
 * Changes something on the engine. A cancel does not cut the call: the engine would go on with a request whose connection is gone,
 * and clean-up would not find what comes to be after it. It is waited for, some seconds at most, then the cancel is thrown.
 */
export const changeOnce = async <T>(what: string, call: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
  signal?.throwIfAborted();
  const changed = untilAborted(call(), AbortSignal.timeout(CALL_LIMIT_MS));
  try {
    return await (signal === undefined ? changed : untilAborted(changed, signal));
  } catch (error) {
    throw failureOf(what, error, signal);
  } finally {
    if (signal?.aborted) await settled(changed, CHANGE_GRACE_MS);
  }
};

/**
 * Tries again what failed because the engine was away or busy; what can't get better fails at once. A node that can't be reached is
 * waited for, however long: that is no try. Rejects with `NodeGoneError` once the node is known to be gone.
 */
export const retried = async <T>(what: string, attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
  for (;;) {
    try {
      return await retriedWhileReachable(what, attempt, signal);
    } catch (error) {
      const unreachable = findCause(error, UnreachableError);
      if (unreachable === null) throw error;
      await unreachable.reachable(signal);
    }
  }
};

const retriedWhileReachable = async <T>(what: string, attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> =>
  await pRetry(
    async () => {
      try {
        return await attempt();
      } catch (error) {
        throw failureOf(what, error, signal);
      }
    },
    {
      ...BACKOFF,
      ...(signal !== undefined && { signal }),
      shouldRetry: ({ error, attemptNumber }) =>
        error instanceof EngineError &&
        error.transient &&
        findCause(error, UnreachableError) === null &&
        (error.status === null || attemptNumber < TRIES_AFTER_ANSWER),
    },
  );

/** A cancel and the end of a node as they are, all else as an error of the engine. */
const failureOf = (what: string, error: unknown, signal: AbortSignal | undefined, limitMs = CALL_LIMIT_MS): unknown => {
  if (signal?.aborted) return signal.reason;
  if (isTimeout(error)) return new EngineError(`${what}: no answer from the engine in ${limitMs / 1_000} s`, { cause: error });
  return findCause(error, NodeGoneError) ?? toEngineError(what, error);
};

const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError';

/** Resolves when the promise has settled, either way, or when the time is over. */
export const settled = async (promise: Promise<unknown>, limitMs: number): Promise<void> => {
  await untilAborted(promise, AbortSignal.timeout(limitMs)).catch(() => undefined);
};
