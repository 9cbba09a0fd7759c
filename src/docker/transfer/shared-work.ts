import { untilAborted } from '../../base/until-aborted.ts';

/** Work that several wait for and that is done once. */
export type SharedWork = {
  /**
   * Joins the work of this name that is under way, or starts it. Who aborts leaves it to the others; it is aborted when the last
   * of them leaves.
   */
  join(name: string, start: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** Aborts all; resolves when all have ended. */
  close(): Promise<void>;
};

type Work = { readonly done: Promise<void>; readonly stop: AbortController; waiting: number };

export const createSharedWork = (): SharedWork => {
  const underWay = new Map<string, Work>();
  /** What was aborted and has not ended yet is not joined any more. */
  const ending = new Set<Promise<void>>();

  const begin = (name: string, start: (signal: AbortSignal) => Promise<void>): Work => {
    const stop = new AbortController();
    const work: Work = { done: start(stop.signal), stop, waiting: 0 };
    underWay.set(name, work);
    const ended = work.done
      .catch(() => undefined)
      .then(() => {
        ending.delete(ended);
        if (underWay.get(name) === work) underWay.delete(name);
      });
    ending.add(ended);
    return work;
  };

  const join: SharedWork['join'] = async (name, start, signal) => {
    signal.throwIfAborted();
    const work = underWay.get(name) ?? begin(name, start);
    work.waiting += 1;
    try {
      await untilAborted(work.done, signal);
    } finally {
      work.waiting -= 1;
      if (work.waiting === 0) {
        if (underWay.get(name) === work) underWay.delete(name);
        work.stop.abort(new Error('nobody waits for it any more'));
      }
    }
  };

  const close = async (): Promise<void> => {
    for (const { stop } of underWay.values()) stop.abort(new Error('the server stops'));
    await Promise.all(ending);
  };

  return { join, close };
};
