import { describe, expect, it } from 'vitest';
import { createSharedWork } from '../../../src/docker/transfer/shared-work.ts';
import { createTurns } from '../../../src/docker/transfer/turns.ts';

const never = new AbortController().signal;

/** Work that ends when it is aborted. */
const untilStopped = (signal: AbortSignal): Promise<void> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

describe('work that several wait for', () => {
  it('is done once, and again for who comes later', async () => {
    const { join } = createSharedWork();
    let times = 0;
    const start = async (): Promise<void> => {
      times += 1;
    };
    await Promise.all([join('a', start, never), join('a', start, never)]);
    expect(times).toBe(1);
    await join('a', start, never);
    expect(times).toBe(2);
  });

  it('goes on for the others when one leaves, and is aborted when the last one does', async () => {
    const { join } = createSharedWork();
    const [one, other] = [new AbortController(), new AbortController()];
    let signalOfWork = never;
    const start = (signal: AbortSignal): Promise<void> => {
      signalOfWork = signal;
      return untilStopped(signal);
    };
    const ends = [one, other].map(({ signal }) => join('a', start, signal).catch((error: Error) => error.message));
    one.abort(new Error('left'));
    expect(await ends[0]).toBe('left');
    expect(signalOfWork.aborted).toBe(false);
    other.abort(new Error('left, too'));
    expect(await ends[1]).toBe('left, too');
    expect(signalOfWork.aborted).toBe(true);
  });

  it('fails for all who wait', async () => {
    const { join } = createSharedWork();
    const start = (): Promise<void> => Promise.reject(new Error('broken'));
    const ends = [join('a', start, never), join('a', start, never)].map(it => it.catch((error: Error) => error.message));
    expect(await Promise.all(ends)).toEqual(['broken', 'broken']);
  });

  it('is aborted, and waited for, at the end', async () => {
    const { join, close } = createSharedWork();
    const end = join('a', untilStopped, never).catch((error: Error) => error.message);
    await close();
    expect(await end).toBe('the server stops');
  });
});

describe('turns', () => {
  it('come one after the other; who leaves the queue lets nobody past those before it', async () => {
    const inTurn = createTurns();
    const done: string[] = [];
    const first = Promise.withResolvers<void>();
    const leaving = new AbortController();
    const one = inTurn(() => first.promise.then(() => done.push('one')), never);
    const two = inTurn(async () => done.push('two'), leaving.signal).catch(() => 'left');
    const three = inTurn(async () => done.push('three'), never);
    leaving.abort();
    expect(await two).toBe('left');
    expect(done).toEqual([]);
    first.resolve();
    await Promise.all([one, three]);
    expect(done).toEqual(['one', 'three']);
  });
});
