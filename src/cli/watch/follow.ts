/** A job's states for as long as it lives, over as many connections as that takes. */
import {
  catchError,
  concat,
  defer,
  ignoreElements,
  map,
  type Observable,
  of,
  type SchedulerLike,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { JobStatus } from '../../domain/status.ts';
import { ServerUnreachableError } from '../../rpc/client-port.ts';

/** The connection is lost, and when it will be tried again, in milliseconds since the epoch. */
export type Loss = { readonly type: 'lost'; readonly why: string; readonly retryAt: number };

export type Sighting = { readonly type: 'seen'; readonly job: JobStatus } | Loss;

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

/**
 * About a quarter of an hour in a row: a restart takes less, and a script must not hang for ever on a server that is gone for
 * good. Attempts are counted, not minutes, so a laptop that slept longer still gets its try.
 */
export const MOST_ATTEMPTS = 32;

/** Before the next attempt, after so many that failed: doubles up to half a minute. */
export const retryDelayMs = (attempts: number): number => Math.min(FIRST_DELAY_MS * 2 ** attempts, LONGEST_DELAY_MS);

/**
 * Ends after the state with `completedAt`. `watch` is called anew after each lost connection. Fails with what the server
 * refuses, and with the last {@link ServerUnreachableError} when it stays away.
 */
export const followJob = (watch: () => Observable<JobStatus>, scheduler: SchedulerLike): Observable<Sighting> =>
  defer(() => {
    let attempts = 0;
    return defer(watch).pipe(
      tap(() => {
        attempts = 0;
      }),
      map((job): Sighting => ({ type: 'seen', job })),
      catchError((error: unknown, again$) => {
        if (!(error instanceof ServerUnreachableError) || attempts === MOST_ATTEMPTS) return throwError(() => error);
        const delayMs = retryDelayMs(attempts);
        attempts += 1;
        const loss: Loss = { type: 'lost', why: error.message, retryAt: scheduler.now() + delayMs };
        return concat(of(loss), timer(delayMs, scheduler).pipe(ignoreElements()), again$);
      }),
    );
  });
