/** What clients watch: questions about the status, answered anew whenever the answer changed. */
import { catchError, distinctUntilChanged, EMPTY, map, type Observable, ReplaySubject, scan, startWith, takeWhile } from 'rxjs';
import type { JobId, NodeId } from '../domain/names.ts';
import type { JobStatus, Status } from '../domain/status.ts';
import { foldTurn, type StatusFold, toStatus } from './status.ts';
import type { Turn } from './turn.ts';

export type Views = {
  /** Where a task holds slots now. */
  nodeOf(jobId: JobId, taskName: string): NodeId | undefined;
  /** The jobs in memory, in the order of their submission. */
  jobs(): readonly JobStatus[];
  /** What is known of a job now; `undefined`: nothing in memory. */
  job(jobId: JobId): JobStatus | undefined;
  /** A job that is in memory: its state at once, then whenever it changed; completes after the state with `completedAt`. */
  job$(jobId: JobId): Observable<JobStatus>;
  /** The jobs at once, then whenever one is scheduled or completed. */
  readonly jobs$: Observable<readonly JobStatus[]>;
  /** Everything at once, then whenever it changed. */
  readonly status$: Observable<Status>;
};

/**
 * Folds the turns from `start` on. Subscribes at once, so that no turn is missed; completes with the turns. `onBug` hears of a
 * fact that does not fit the status: what clients would see from then on is wrong.
 */
export const createViews = (turns$: Observable<Turn>, start: StatusFold, onBug: (error: unknown) => void): Views => {
  let latest = start;
  const fold$ = new ReplaySubject<StatusFold>(1);
  turns$
    .pipe(
      // The engine has told it.
      catchError(() => EMPTY),
      scan((fold, turn) => foldTurn(fold, turn.facts), start),
      startWith(start),
    )
    .subscribe({
      next: fold => {
        latest = fold;
        fold$.next(fold);
      },
      error: error => {
        onBug(error);
        fold$.complete();
      },
      complete: () => fold$.complete(),
    });

  return {
    nodeOf: (jobId, taskName) =>
      latest.nodes.find(({ slots }) => slots.some(({ task }) => task?.job === jobId && task.name === taskName))?.name,
    jobs: () => toStatus(latest).jobs,
    job: jobId => latest.jobs.get(jobId),
    job$: jobId =>
      fold$.pipe(
        map(fold => fold.jobs.get(jobId)),
        takeWhile(job => job !== undefined),
        distinctUntilChanged(),
        takeWhile(job => job.completedAt === null, true),
      ),
    jobs$: fold$.pipe(
      // By reference: both lists are only replaced when a job comes, ends or is forgotten.
      distinctUntilChanged((one, other) => one.order === other.order && one.finished === other.finished),
      map(fold => toStatus(fold).jobs),
    ),
    status$: fold$.pipe(distinctUntilChanged(), map(toStatus)),
  };
};
