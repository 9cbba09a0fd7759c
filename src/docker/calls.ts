/**
 * How the engine is called: every request goes through one of these, so that each has a time limit, is tried again when the engine
 * is away for a moment, and fails with the engine's own words.
 */
import pRetry from 'p-retry';
import { EngineError, toEngineError } from './errors.ts';

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
export const askOnce = async <T>(what: string, call: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> => {
  signal?.throwIfAborted();
  const limit = AbortSignal.timeout(CALL_LIMIT_MS);
  const cut = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  try {
    return await untilAborted(call(cut), cut);
  } catch (error) {
    throw failureOf(what, error, signal);
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

/** Tries again what failed because the engine was away or busy; what can't get better fails at once. */
export const retried = async <T>(what: string, attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
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
        error instanceof EngineError && error.transient && (error.status === null || attemptNumber < TRIES_AFTER_ANSWER),
    },
  );

/** A cancel as it is, all else as an error of the engine. */
const failureOf = (what: string, error: unknown, signal: AbortSignal | undefined): unknown => {
  if (signal?.aborted) return signal.reason;
  return isTimeout(error)
    ? new EngineError(`${what}: no answer from the engine in ${CALL_LIMIT_MS / 1_000} s`, { cause: error })
    : toEngineError(what, error);
};

const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError';

/**
 * The promise, or the signal's reason as soon as it aborts. Needed beside dockerode's own `abortSignal`: a call whose answer is cut
 * in the middle never settles there.
 */
export const untilAborted = async <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> => {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};

/** Resolves when the promise has settled, either way, or when the time is over. */
export const settled = async (promise: Promise<unknown>, limitMs: number): Promise<void> => {
  await untilAborted(promise, AbortSignal.timeout(limitMs)).catch(() => undefined);
};
