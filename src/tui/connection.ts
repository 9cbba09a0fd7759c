/** Keeps a connection to the server: when one breaks, another is opened, later each time that it fails again. */
import {
  catchError,
  concat,
  defer,
  from,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  repeat,
  type SchedulerLike,
  switchMap,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { Connect, DashboardClient, ServerStatus } from './port.ts';

export type ConnectionEvent =
  | { readonly type: 'connected'; readonly client: DashboardClient }
  | { readonly type: 'serverMet'; readonly build: { readonly version: string; readonly commit: string } }
  | { readonly type: 'statusReceived'; readonly status: ServerStatus }
  /** `retryAt`: milliseconds since the epoch. */
  | { readonly type: 'connectionLost'; readonly error: unknown; readonly retryAt: number };

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 15_000;

/**
 * Goes on for ever once there was a connection. Fails when the first one can't be made: whoever mistyped an address is told
 * so at once, by an error rather than by a screen that waits.
 */
export const keepConnected = (connect: Connect, scheduler: SchedulerLike): Observable<ConnectionEvent> =>
  defer(() => {
    let nextDelayMs: number | null = null;
    return oneConnection(connect).pipe(
      tap(({ type }) => {
        if (type === 'statusReceived') nextDelayMs = FIRST_DELAY_MS;
      }),
      catchError((error: unknown) => {
        if (nextDelayMs === null) return throwError(() => error);
        const delayMs = nextDelayMs;
        nextDelayMs = Math.min(LONGEST_DELAY_MS, delayMs * 2);
        const lost: ConnectionEvent = { type: 'connectionLost', error, retryAt: scheduler.now() + delayMs };
        return concat(of(lost), timer(delayMs, scheduler).pipe(ignoreElements()));
      }),
      repeat(),
    );
  });

const oneConnection = (connect: Connect): Observable<ConnectionEvent> =>
  defer(connect).pipe(
    switchMap(client =>
      merge(
        of<ConnectionEvent>({ type: 'connected', client }),
        from(client.ping()).pipe(map((build): ConnectionEvent => ({ type: 'serverMet', build }))),
        concat(
          client.watchStatus().pipe(map((status): ConnectionEvent => ({ type: 'statusReceived', status }))),
          throwError(() => new Error('the server has stopped')),
        ),
      ),
    ),
  );
