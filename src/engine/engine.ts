/**
 * The loop around the scheduler: what arrives becomes a turn, a turn is journalled, then published, then performed. It
 * decides nothing and knows no tool; `server/compose` hands it the ports. One engine a process.
 */
import {
  asyncScheduler,
  EMPTY,
  finalize,
  from,
  map,
  merge,
  mergeMap,
  type Observable,
  Subject,
  scan,
  share,
  switchMap,
  timer,
} from 'rxjs';
import type { Log } from '../base/log.ts';
import type { Submission } from '../domain/job.ts';
import type { JobId, TaskFullName } from '../domain/names.ts';
import type { Refusal } from '../domain/refusal.ts';
import { taskOf } from '../domain/task.ts';
import type { SchedulerConfig } from '../scheduler/config.ts';
import type { Input, RequestId } from '../scheduler/input.ts';
import { nextDue } from '../scheduler/next-due.ts';
import { type Node, runOf, type State } from '../scheduler/state.ts';
import { inTurns } from './in-turns.ts';
import { createPerformer, type UnstampedInput } from './performer.ts';
import type { Journal, NodeNews, Provisioner, TaskRunner } from './ports.ts';
import { endOfTurn$, steadyClock, type Time } from './time.ts';
import { startingTurn, type Turn, takeTurn } from './turn.ts';

export type Engine = {
  /** What the journal held when this engine was made. */
  readonly startingState: State;
  /** Every turn after it was journalled, before its effects are performed. Hot: a late subscriber sees the turns to come. */
  readonly turns$: Observable<Turn>;
  /** Each resolves when the answer is journalled: `null`, or why not. `shuttingDown` when the engine no longer listens. */
  submit(jobId: JobId, submission: Submission): Promise<Refusal | null>;
  cancelJob(jobId: JobId, options?: { readonly sparesKept: boolean }): Promise<Refusal | null>;
  cancelTask(jobId: JobId, index: number): Promise<Refusal | null>;
  /** Tasks that have something on a node, or may have: those that hold slots, and those that are being cleaned up. */
  liveTasks(): ReadonlySet<TaskFullName>;
  /** The nodes as they stand. */
  nodes(): readonly Node[];
  /** Begins to listen, and takes up what a crash cut short. Called once, when all who watch `turns$` have subscribed. */
  start(): void;
  /** Refuses new jobs, aborts all tasks, ends all nodes; resolves when that is done and cleaned up. */
  drain(): Promise<void>;
  /** Stops listening. Work under way goes on in the outside world, for the next engine on the same journal to take up. */
  detach(): void;
};

export type EngineOptions = {
  readonly config: SchedulerConfig;
  readonly runner: TaskRunner;
  readonly provisioner: Provisioner;
  readonly journal: Journal;
  readonly log: Log;
  /** A rule of the program is broken: nothing can be trusted any more. The journal makes stopping safe. */
  readonly onBug: (error: unknown) => void;
  readonly time?: Time;
};

/** setTimeout's limit; a timer that fires early finds nothing due, and the next turn arms it again. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** While the journal can't take a turn, it is asked again this often. */
const JOURNAL_RETRY_MS = 1_000;

export const createEngine = ({
  config,
  runner,
  provisioner,
  journal,
  log,
  onBug,
  time = { scheduler: asyncScheduler, endOfTurn$ },
}: EngineOptions): Engine => {
  const now = steadyClock(time.scheduler);
  const mailbox$ = new Subject<Input>();
  const requests = createRequests();
  const performer = createPerformer({ runner, provisioner, log, time, answer: requests.answer });
  const startingState = journal.load();

  const turns$ = mailbox$.pipe(
    inTurns(time.endOfTurn$),
    scan(takeTurn(journal), startingTurn(startingState)),
    // Never begun anew: after the end, a late subscriber would be a second scheduler that writes to the first one's journal.
    share({ resetOnError: false, resetOnComplete: false, resetOnRefCountZero: false }),
  );

  const post = (input: UnstampedInput): void => mailbox$.next({ ...input, at: now() } as Input);

  const request = (make: (requestId: RequestId) => UnstampedInput): Promise<Refusal | null> => {
    const { requestId, answered } = requests.open();
    post(make(requestId));
    return answered;
  };

  const wakeUps$ = turns$.pipe(
    // Armed anew by every turn: a timer that fired early and was not armed again would hang the server.
    switchMap(turn => {
      const due = turn.failure === null ? nextDue(turn.state) : now() + JOURNAL_RETRY_MS;
      return due === null ? EMPTY : timer(Math.min(Math.max(due - now(), 0), MAX_TIMER_MS), time.scheduler);
    }),
    map((): UnstampedInput => ({ type: 'tick' })),
  );

  const news$ = provisioner.news$.pipe(map(inputOf));

  const results$ = turns$.pipe(
    mergeMap(turn => from(turn.effects)),
    mergeMap(performer.perform),
  );

  let latest = startingState;
  const liveTasks = (): ReadonlySet<TaskFullName> => {
    const holding = [...latest.tasks.values()].map(task => runOf(latest, task));
    return new Set([...holding, ...performer.cleaningUp()].map(run => taskOf(run).fullName));
  };

  const start = (): void => {
    const take = (turn: Turn): void => {
      latest = turn.state;
      reportFailure(log, turn);
    };
    // An error of the turns comes through the inputs that follow from them, too: one subscriber tells it.
    turns$.pipe(finalize(requests.close)).subscribe({ next: take, error: () => {} });
    merge(results$, wakeUps$, news$).subscribe({ next: post, error: onBug });
    post({ type: 'serverStarted', config });
  };

  const drain = async (): Promise<void> => {
    const drained = new Promise<void>(resolve => {
      turns$.subscribe({ next: turn => turn.state.phase === 'drained' && resolve(), error: () => resolve(), complete: resolve });
    });
    post({ type: 'shutdownRequested' });
    await drained;
    await performer.cleanedUp();
    mailbox$.complete();
  };

  return {
    startingState,
    turns$,
    submit: (jobId, submission) => request(requestId => ({ type: 'jobSubmitted', requestId, jobId, submission })),
    cancelJob: (jobId, { sparesKept } = { sparesKept: false }) =>
      request(requestId => ({ type: 'jobCancelled', requestId, jobId, sparesKept })),
    liveTasks,
    nodes: () => latest.nodes,
    cancelTask: (jobId, index) => request(requestId => ({ type: 'taskCancelled', requestId, jobId, index })),
    start,
    drain,
    detach: () => mailbox$.complete(),
  };
};

const inputOf = (news: NodeNews): UnstampedInput => {
  switch (news.type) {
    case 'lost':
      return { type: 'nodeLost', nodeId: news.nodeId, why: news.why };
    case 'unreachable':
      return { type: 'nodeUnreachable', nodeId: news.nodeId, why: news.why };
    case 'reachable':
      return { type: 'nodeReachable', nodeId: news.nodeId };
  }
};

type Requests = {
  open(): { readonly requestId: RequestId; readonly answered: Promise<Refusal | null> };
  readonly answer: (requestId: RequestId, refusal: Refusal | null) => void;
  /** Nobody will be answered any more: refuses all who wait, and all to come. */
  readonly close: () => void;
};

/** Who asked, until they are answered. Requests die with the process: after a crash nobody waits for them any more. */
const createRequests = (): Requests => {
  const waiting = new Map<RequestId, (refusal: Refusal | null) => void>();
  let latest = 0;
  let isClosed = false;
  const answer = (requestId: RequestId, refusal: Refusal | null): void => {
    waiting.get(requestId)?.(refusal);
    waiting.delete(requestId);
  };
  return {
    open: () => {
      latest += 1;
      const requestId = latest;
      const answered = new Promise<Refusal | null>(resolve => waiting.set(requestId, resolve));
      if (isClosed) answer(requestId, NOBODY_LISTENS);
      return { requestId, answered };
    },
    answer,
    close: () => {
      isClosed = true;
      for (const requestId of waiting.keys()) answer(requestId, NOBODY_LISTENS);
    },
  };
};

const NOBODY_LISTENS: Refusal = { type: 'shuttingDown', message: 'the server is shutting down: ask again when it is back' };

const reportFailure = (log: Log, { failure, deferred }: Turn): void => {
  if (failure !== null) log.error({ err: failure, deferred: deferred.length }, 'the journal takes nothing; trying again');
};
