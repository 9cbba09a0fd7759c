import { describe, expect, it } from 'vitest';
import { together } from '../../src/docker/together.ts';

const never = new AbortController().signal;

describe('things done together', () => {
  it('give all their results', async () => {
    expect(await together(never, [async () => 1, async () => 'two'])).toEqual([1, 'two']);
  });

  it('fail with the first failure, once the others have been told to stop and have', async () => {
    const others = Promise.withResolvers<string>();
    let othersEnded = false;
    const slow = async (signal: AbortSignal): Promise<void> => {
      signal.addEventListener('abort', () => others.resolve('told to stop'));
      await others.promise;
      await new Promise(setImmediate);
      othersEnded = true;
    };
    const failing = async (): Promise<never> => {
      throw new Error('first');
    };
    await expect(together(never, [slow, failing])).rejects.toThrow('first');
    expect(await others.promise).toBe('told to stop');
    expect(othersEnded).toBe(true);
  });

  it('end with the cancel when there is one, whatever they make of it', async () => {
    const cancel = new AbortController();
    const done = together(cancel.signal, [
      async signal => {
        cancel.abort(new Error('cancelled'));
        signal.throwIfAborted();
      },
      async () => 'done',
    ]);
    await expect(done).rejects.toThrow('cancelled');
  });
});
