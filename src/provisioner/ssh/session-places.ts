/** Places for session channels on one connection: a fixed number, in the order of asking. */
export type SessionPlaces = {
  /** Waits for a place; returns how to give it back. Rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<() => void>;
};

/** Bounds how many sessions one connection has open: sshd refuses what is beyond its `MaxSessions`. */
export const createSessionPlaces = (count: number): SessionPlaces => {
  let free = count;
  const waiting = new Set<() => void>();

  const giveBack = (): void => {
    const [next] = waiting;
    if (next === undefined) free += 1;
    else {
      waiting.delete(next);
      next();
    }
  };
  const once = (): (() => void) => {
    let given = false;
    return () => {
      if (!given) giveBack();
      given = true;
    };
  };

  return {
    take: async signal => {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return once();
      }
      const turn = Promise.withResolvers<void>();
      const abort = () => {
        waiting.delete(turn.resolve);
        turn.reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      waiting.add(turn.resolve);
      try {
        await turn.promise;
      } finally {
        signal.removeEventListener('abort', abort);
      }
      return once();
    },
  };
};
