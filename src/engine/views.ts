/** What clients watch: questions about the status, answered anew whenever the answer changed. */
import {
  BehaviorSubject,
  catchError,
  combineLatest,
  distinctUntilChanged,
  EMPTY,
  endWith,
  ignoreElements,
  map,
  type Observable,
  ReplaySubject,
  scan,
  startWith,
  takeUntil,
  takeWhile,
} from 'rxjs';
import type { JobId, NodeId } from '../domain/names.ts';
import type { JobStatus, Status } from '../domain/status.ts';
import type { NodeActivity } from './ports.ts';
import { type Activities, foldTurn, type StatusFold, toStatus } from './status.ts';
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
 * Folds the turns from `start` on, and what nodes are busy with, which is in no journal. Subscribes at once, so that no turn is
 * missed; completes with the turns. `onBug` hears of a fact that does not fit the status: what clients would see from then on is
 * wrong.
 */
export const createViews = (
  turns$: Observable<Turn>,
  nodeActivity$: Observable<NodeActivity>,
  start: StatusFold,
  onBug: (error: unknown) => void,
): Views => {
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

  const activities$ = new BehaviorSubject<Activities>(new Map());
  nodeActivity$
    .pipe(
      takeUntil(fold$.pipe(ignoreElements(), endWith(null))),
      scan((known, news) => withActivity(known, news, latest), activities$.value),
    )
    .subscribe(activities => activities$.next(activities));
  fold$.subscribe({ complete: () => activities$.complete() });

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
    status$: combineLatest([fold$.pipe(distinctUntilChanged()), activities$.pipe(distinctUntilChanged())]).pipe(
      map(([fold, activities]) => toStatus(fold, activities)),
    ),
  };
};

/** Also forgets the nodes that are gone, whether or not anybody said that they are busy no more. */
const withActivity = (known: Activities, { nodeId, activity }: NodeActivity, { nodes }: StatusFold): Activities => {
  if ((known.get(nodeId) ?? null) === activity) return known;
  const others = [...known].filter(([id]) => id !== nodeId);
  const busy = activity === null ? others : [...others, [nodeId, activity] as const];
  return new Map(busy.filter(([id]) => nodes.some(({ name }) => name === id)));
};
