import { Observable, type SchedulerLike } from 'rxjs';

/** The world's time as the engine uses it; specs inject a TestScheduler and run hours in milliseconds. */
export type Time = {
  readonly scheduler: SchedulerLike;
  /** Emits once when everything that is under way in this turn of the event loop was heard. */
  readonly endOfTurn$: Observable<unknown>;
};

/** `setImmediate`: after the I/O callbacks of this turn. (RxJS's asapScheduler is a microtask: it would come before them.) */
export const endOfTurn$ = new Observable<void>(subscriber => {
  const immediate = setImmediate(() => {
    subscriber.next();
    subscriber.complete();
  });
  return () => clearImmediate(immediate);
});

/** Milliseconds since the epoch that never go back: an input must not be older than the one before it. */
export const steadyClock = (scheduler: SchedulerLike): (() => number) => {
  let latest = Number.NEGATIVE_INFINITY;
  return () => {
    latest = Math.max(latest, scheduler.now());
    return latest;
  };
};
