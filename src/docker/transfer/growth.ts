import { untilAborted } from '../../base/until-aborted.ts';

/** How far something has come that is made while others already use it: bytes in a file, members of a list. Only ever grows. */
export type Growth = {
  grow(to: number): void;
  /** It will not grow any more. */
  end(): void;
  /** It will never be whole: who waits, now or later, hears `error`, even where there is more to use. */
  fail(error: unknown): void;
  /** Resolves with how much there is as soon as that is more than `used`; with `used` itself at the end. */
  beyond(used: number, signal: AbortSignal): Promise<number>;
};

export const createGrowth = (): Growth => {
  let size = 0;
  let isOver = false;
  let failure: { readonly error: unknown } | null = null;
  let news = Promise.withResolvers<void>();

  const tell = (): void => {
    news.resolve();
    news = Promise.withResolvers();
  };

  return {
    grow: to => {
      size = to;
      tell();
    },
    end: () => {
      isOver = true;
      tell();
    },
    fail: error => {
      failure = { error };
      tell();
    },
    beyond: async (used, signal) => {
      for (;;) {
        signal.throwIfAborted();
        if (failure !== null) throw failure.error;
        if (size > used || isOver) return size;
        await untilAborted(news.promise, signal);
      }
    },
  };
};
