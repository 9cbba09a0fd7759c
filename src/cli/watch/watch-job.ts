/** Follows one job to its end and shows it; cancels it where that is asked for. The renderer and the displays know no time. */
import {
  catchError,
  combineLatest,
  concat,
  connect,
  defer,
  EMPTY,
  filter,
  finalize,
  fromEvent,
  ignoreElements,
  interval,
  lastValueFrom,
  map,
  merge,
  type Observable,
  of,
  retry,
  type SchedulerLike,
  scan,
  startWith,
  switchMap,
  take,
  takeUntil,
  takeWhile,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { JobStatus } from '../../domain/status.ts';
import { type AlfredClient, ServerRefusedError, ServerUnreachableError } from '../../rpc/client-port.ts';
import { aborted } from '../aborted.ts';
import type { Io } from '../io.ts';
import { type AbortRules, reasonToAbort } from './abort-rules.ts';
import type { Display } from './display.ts';
import { followJob, retryDelayMs, type Sighting } from './follow.ts';
import type { HowToEnter } from './kept.ts';
import type { WatchView } from './view.ts';

export type Watch = {
  readonly client: AlfredClient;
  readonly jobId: string;
  readonly display: Display;
  readonly abort: AbortRules;
  /** What Ctrl+C does to the job: nothing, or cancel it and wait until it is gone; the second Ctrl+C then leaves. */
  readonly onInterrupt: 'leave' | 'cancel';
  readonly howToEnter: HowToEnter;
  /** Hears of every state, the first one included. */
  readonly onStatus?: (job: JobStatus) => void;
};

/** The last state that was seen. Its `completedAt` is `null` when the watch was left early; none: left before the first. */
export const watchJob = async (watch: Watch, io: Io, scheduler: SchedulerLike): Promise<JobStatus | null> => {
  const { display } = watch;
  const shown$ = watchViews(watch, io, scheduler).pipe(
    tap(view => display.show(view)),
    finalize(() => display.end()),
  );
  const last = await lastValueFrom(shown$, { defaultValue: null });
  return last?.job ?? null;
};

/** What there is to show, on each change, each second and whenever the terminal's size changes, until the watch is over. */
const watchViews = (watch: Watch, io: Io, scheduler: SchedulerLike): Observable<WatchView> => {
  const interrupted$ = aborted(io.signal);
  return followJob(() => watch.client.watchJob(watch.jobId), scheduler).pipe(
    tap(sighting => {
      if (sighting.type === 'seen') watch.onStatus?.(sighting.job);
    }),
    connect(sightings$ =>
      combineLatest([
        sightings$.pipe(scan(look, { job: null, loss: null })),
        cancelling(watch, sightings$, interrupted$, scheduler).pipe(startWith(null)),
        merge(interval(1_000, scheduler), fromEvent(io.stderr, 'resize')).pipe(startWith(null)),
      ]),
    ),
    map(([seen, activity]): WatchView => ({ ...seen, activity, now: scheduler.now(), howToEnter: watch.howToEnter })),
    takeWhile(({ job }) => job === null || job.completedAt === null, true),
    takeUntil(watch.onInterrupt === 'leave' ? interrupted$ : aborted(io.hurry)),
  );
};

type Seen = Pick<WatchView, 'job' | 'loss'>;

const look = ({ job }: Seen, sighting: Sighting): Seen =>
  sighting.type === 'seen' ? { job: sighting.job, loss: null } : { job, loss: sighting };

/**
 * Cancels the job at the first reason to, and says what it does. A rule spares what is kept: that the failed task can be looked into
 * is what the rest makes room for. A person who interrupts wants all of it gone.
 */
const cancelling = (
  { client, jobId, abort, onInterrupt }: Watch,
  sightings$: Observable<Sighting>,
  interrupted$: Observable<unknown>,
  scheduler: SchedulerLike,
): Observable<string> => {
  const ruled$ = sightings$.pipe(
    map(sighting => (sighting.type === 'seen' ? reasonToAbort(sighting.job, abort) : null)),
    filter(reason => reason !== null),
    take(1),
    map(reason => ({ said: `${reason}: cancelling the rest`, cancel: () => client.cancelRest(jobId) })),
    takeUntil(interrupted$),
  );
  const byHand$ = interrupted$.pipe(
    map(() => ({ said: 'cancelling and cleaning up; Ctrl+C again leaves at once', cancel: () => client.cancelJob(jobId) })),
  );
  return merge(ruled$, onInterrupt === 'cancel' ? byHand$ : EMPTY).pipe(
    switchMap(({ said, cancel }) => concat(of(said), cancelOnce(cancel, scheduler))),
  );
};

/** As many attempts as it takes to reach the server; a refusal is said, and the watch goes on. */
const cancelOnce = (cancel: () => Promise<void>, scheduler: SchedulerLike): Observable<string> =>
  defer(cancel).pipe(
    ignoreElements(),
    retry({
      delay: (error, attempts) =>
        error instanceof ServerUnreachableError ? timer(retryDelayMs(attempts - 1), scheduler) : throwError(() => error),
    }),
    catchError((error: unknown) => {
      if (error instanceof ServerRefusedError) return of(`the job can't be cancelled: ${error.message}`);
      throw error;
    }),
  );
