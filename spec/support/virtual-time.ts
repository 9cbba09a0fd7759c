import { timer, VirtualTimeScheduler } from 'rxjs';
import type { Time } from '../../src/engine/time.ts';

/** A clock that a spec moves: hours pass in milliseconds, and promises settle wherever they would have. */
export const createVirtualTime = () => {
  const scheduler = new VirtualTimeScheduler(undefined, 0);
  const time: Time = { scheduler, endOfTurn$: timer(0, scheduler) };

  /** Lets `ms` go by: everything due until then happens, in order, with the promises that follow from it. */
  const advance = async (ms: number): Promise<void> => {
    const end = scheduler.frame + ms;
    for (;;) {
      await promisesSettle();
      const next = scheduler.actions[0]?.delay;
      if (next === undefined || next > end) break;
      scheduler.maxFrames = next;
      scheduler.flush();
    }
    scheduler.frame = end;
  };

  /** A promise that resolves in `ms`. */
  const wait = (ms: number): Promise<void> => new Promise(resolve => scheduler.schedule(() => resolve(), ms));

  return { time, advance, wait, now: () => scheduler.frame };
};

const promisesSettle = async (): Promise<void> => {
  for (let round = 0; round < 5; round++) await new Promise<void>(resolve => setImmediate(resolve));
};
