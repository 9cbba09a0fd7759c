/** Stays with a server: when the connection breaks it asks again, later each time that it fails again. */
import {
  catchError,
  concat,
  defer,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  repeat,
  type SchedulerLike,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { DashboardEvent } from './model.ts';
import type { DashboardClient } from './port.ts';

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 15_000;

/**
 * Goes on for ever once the server has answered. Fails when its first answer is an error: whoever mistyped an address is told
 * so at once, and not by a screen that waits.
 */
export const keepWatching = (client: DashboardClient, scheduler: SchedulerLike): Observable<DashboardEvent> =>
  defer(() => {
    let nextDelayMs: number | null = null;
    return watchOnce(client).pipe(
      tap(({ type }) => {
        if (type === 'statusReceived') nextDelayMs = FIRST_DELAY_MS;
      }),
      catchError((error: unknown) => {
        if (nextDelayMs === null) return throwError(() => error);
        const delayMs = nextDelayMs;
        nextDelayMs = Math.min(LONGEST_DELAY_MS, delayMs * 2);
        const lost: DashboardEvent = { type: 'connectionLost', why: wordsOf(error), retryAt: scheduler.now() + delayMs };
        return concat(of(lost), timer(delayMs, scheduler).pipe(ignoreElements()));
      }),
      repeat(),
    );
  });

/** Fails when the connection breaks, and also when the server ends it: it never does so but to stop. */
const watchOnce = (client: DashboardClient): Observable<DashboardEvent> =>
  merge(
    // Asked anew each time: the server that comes back may be a newer one.
    defer(() => client.ping()).pipe(map((build): DashboardEvent => ({ type: 'serverMet', build }))),
    concat(
      defer(() => client.watchStatus()).pipe(map((status): DashboardEvent => ({ type: 'statusReceived', status }))),
      throwError(() => new Error('the server has stopped')),
    ),
  );

export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
