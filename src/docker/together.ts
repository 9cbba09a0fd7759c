type Work = (signal: AbortSignal) => Promise<unknown>;

/**
 * Does several things at once. The first failure aborts the others, and none is left behind: it returns, or throws that failure,
 * only when all have settled.
 */
export const together = async <const Works extends readonly Work[]>(
  signal: AbortSignal,
  works: Works,
): Promise<{ readonly [K in keyof Works]: Awaited<ReturnType<Works[K]>> }> => {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const results = await Promise.allSettled(
    works.map(async work => {
      try {
        return await work(either);
      } catch (error) {
        failure.abort(error);
        throw error;
      }
    }),
  );
  signal.throwIfAborted();
  failure.signal.throwIfAborted();
  return results.map(result => (result as PromiseFulfilledResult<unknown>).value) as {
    readonly [K in keyof Works]: Awaited<ReturnType<Works[K]>>;
  };
};
