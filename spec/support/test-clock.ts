/** Time that passes only while nobody does anything: waits of minutes take none, and requests take as long as they take. */
import type { Clock } from '../../src/provisioner/openstack/clock.ts';

export type TestClock = Disposable & {
  readonly clock: Clock;
  /** Lets time pass until the promise settles. */
  run<T>(work: Promise<T>): Promise<T>;
  /** Lets this much time pass. */
  advance(ms: number): Promise<void>;
  /** Does something at a time from now. */
  in(ms: number, act: () => void | Promise<void>): void;
};

type Timer = { readonly at: number; readonly fire: () => void | Promise<void> };

/** Wraps `fetch` until it is disposed of, to know when a request is under way. */
export const createTestClock = (startsAt = Date.UTC(2026, 0, 1)): TestClock => {
  let now = startsAt;
  let underWay = 0;
  const timers = new Set<Timer>();
  const realFetch = globalThis.fetch;

  globalThis.fetch = async (input, init) => {
    underWay += 1;
    try {
      const answer = await realFetch(input, init);
      const { status, headers } = answer;
      const text = await answer.text();
      return new Response(status === 204 ? null : text, { status, headers });
    } finally {
      underWay -= 1;
    }
  };

  const rest = async (): Promise<void> => {
    // Files are written in between, which nothing counts: some rounds more.
    for (let round = 0; round < 20; round = underWay > 0 ? 0 : round + 1) await new Promise(resolve => setImmediate(resolve));
  };

  /** Fires what is due next, when that is not after `end`. */
  const step = async (end: number): Promise<boolean> => {
    const [next] = [...timers].toSorted((a, b) => a.at - b.at);
    if (next === undefined || next.at > end) return false;
    timers.delete(next);
    now = Math.max(now, next.at);
    await next.fire();
    return true;
  };

  const sleep: Clock['sleep'] = (ms, signal) =>
    new Promise((resolve, reject) => {
      const abort = () => {
        timers.delete(timer);
        reject(signal.reason);
      };
      const timer: Timer = {
        at: now + ms,
        fire: () => {
          signal.removeEventListener('abort', abort);
          resolve();
        },
      };
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      timers.add(timer);
    });

  return {
    clock: { now: () => now, sleep },
    run: async work => {
      let isSettled = false;
      const settle = () => {
        isSettled = true;
      };
      work.then(settle, settle);
      for (;;) {
        await rest();
        if (isSettled) return await work;
        await step(Number.POSITIVE_INFINITY);
      }
    },
    advance: async ms => {
      const end = now + ms;
      do await rest();
      while (await step(end));
      now = end;
    },
    in: (ms, act) => timers.add({ at: now + ms, fire: act }),
    [Symbol.dispose]: () => {
      globalThis.fetch = realFetch;
    },
  };
};
