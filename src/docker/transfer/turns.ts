import { untilAborted } from '../../base/until-aborted.ts';

/** Does one thing at a time, in the order in which they were asked for. */
export const createTurns = (): (<T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve();
  return (work, signal) => {
    const before = last;
    const mine = untilAborted(before, signal).then(work);
    // Who leaves before its turn lets nobody past those before it.
    last = Promise.allSettled([before, mine]);
    return mine;
  };
};
