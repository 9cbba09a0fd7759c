import { setTimeout as delay } from 'node:timers/promises';

/** The world's time as this folder uses it: waiting for a cloud takes minutes, and specs have none. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Rejects as soon as `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};

export const realClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
};

/** How often something is looked at, and how long. */
export type Patience = { readonly everyMs: number; readonly limitMs: number };

/**
 * Asks again and again until the answer is not `null`; `null` when the time is over. The first question comes at once, the last
 * one at the end of the time. Rejects as soon as `signal` aborts, or with the question's own error.
 */
export const poll = async <Answer>(
  clock: Clock,
  { everyMs, limitMs }: Patience,
  signal: AbortSignal,
  ask: () => Promise<Answer | null>,
): Promise<Answer | null> => {
  const endsAt = clock.now() + limitMs;
  for (;;) {
    const answer = await ask();
    const leftMs = endsAt - clock.now();
    if (answer !== null || leftMs <= 0) return answer;
    await clock.sleep(Math.min(everyMs, leftMs), signal);
  }
};
