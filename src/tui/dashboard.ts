/**
 * `alfred top`: what happens goes in at one end, frames come out at the other. Keys, sizes, the clock and what the server says
 * are events; `update` folds them; what is to be done is done, and its answer is an event again.
 */
import {
  asyncScheduler,
  combineLatest,
  distinctUntilChanged,
  EMPTY,
  filter,
  firstValueFrom,
  fromEvent,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  type SchedulerLike,
  Subject,
  scan,
  share,
  switchMap,
  tap,
  throttleTime,
} from 'rxjs';
import { keepWatching, wordsOf } from './connection.ts';
import { followLog } from './follow-log.ts';
import { type Command, type DashboardEvent, initialModel } from './model.ts';
import type { DashboardClient } from './port.ts';
import { render } from './render.ts';
import { openScreen, type Screen, type TerminalInput, type TerminalOutput } from './screen.ts';
import type { CancelTarget } from './ui.ts';
import { type Turn, update } from './update.ts';
import { toViewModel } from './view-model.ts';

export type DashboardOptions = {
  /** The server as the person named it. */
  readonly address: string;
  readonly client: DashboardClient;
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  readonly color: boolean;
  /** Ends the dashboard; it then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** The clock and the timers. @default the real ones */
  readonly scheduler?: SchedulerLike;
};

/** Frames are at least so far apart: a key is answered at once, a flood of changes costs twenty frames a second. */
const FRAME_MS = 50;

/**
 * Resolves when the person leaves or the terminal goes away; rejects when the server's first answer is an error. Either way the
 * terminal is as it was before.
 */
export const runDashboard = async ({ stdin, stdout, color, ...options }: DashboardOptions): Promise<void> => {
  const screen = openScreen(stdin, stdout, color);
  try {
    await firstValueFrom(dashboard(screen, options));
  } finally {
    screen.close();
  }
};

/** Emits once: when it is over. */
const dashboard = (
  screen: Screen,
  { address, client, signal, scheduler = asyncScheduler }: Omit<DashboardOptions, 'stdin' | 'stdout' | 'color'>,
): Observable<unknown> => {
  const events$ = new Subject<DashboardEvent>();
  const start: Turn = { model: initialModel(address, screen.size(), scheduler.now()), command: null };
  const turns$ = events$.pipe(
    scan((turn, event) => update(turn.model, event, scheduler.now()), start),
    share(),
  );
  const commands$ = turns$.pipe(
    map(({ command }) => command),
    filter(command => command !== null),
    share(),
  );
  const frames$ = turns$.pipe(
    throttleTime(FRAME_MS, scheduler, { leading: true, trailing: true }),
    map(({ model }) => render(toViewModel(model), model.size)),
  );
  // None of these emits while a turn is under way: a Subject that is fed by its own subscribers shows the rest of them the
  // later turn first.
  const inputs$: Observable<DashboardEvent> = merge(
    screen.size$.pipe(map(size => ({ type: 'resized', size }) as const)),
    screen.key$.pipe(map(key => ({ type: 'keyPressed', key }) as const)),
    interval(1_000, scheduler).pipe(map(() => ({ type: 'secondPassed' }) as const)),
    keepWatching(client, scheduler),
    logEvents(turns$, client),
    answers(commands$, client),
  );
  return merge(
    commands$.pipe(filter(({ type }) => type === 'quit')),
    screen.gone$,
    aborted(signal),
    // Before the frames: the one that follows is to be drawn whole.
    commands$.pipe(
      tap(({ type }) => {
        if (type === 'redraw') screen.forget();
        if (type === 'suspend') screen.suspend();
      }),
      ignoreElements(),
    ),
    frames$.pipe(tap(screen.draw), ignoreElements()),
    inputs$.pipe(
      tap(event => events$.next(event)),
      ignoreElements(),
    ),
  );
};

/** Never emits: fails with the reason. */
const aborted = (signal: AbortSignal): Observable<never> =>
  merge(signal.aborted ? of(null) : EMPTY, fromEvent(signal, 'abort')).pipe(
    map((): never => {
      throw signal.reason;
    }),
  );

/** What comes in of the log on the screen, while there is a connection and more to come. */
const logEvents = (turns$: Observable<Turn>, client: DashboardClient): Observable<DashboardEvent> => {
  const events$ = turns$.pipe(
    map(({ model }) => model.log),
    distinctUntilChanged((one, other) => one?.job === other?.job && one?.task === other?.task),
    map(log => (log === null ? EMPTY : followLog(client, log.job, log.task))),
  );
  const isRead$ = turns$.pipe(
    map(({ model }) => model.connection.type === 'live' && model.log?.phase !== 'ended'),
    distinctUntilChanged(),
  );
  return combineLatest([events$, isRead$]).pipe(switchMap(([log$, isRead]) => (isRead ? log$ : EMPTY)));
};

/** What comes of the commands that are for the server. */
const answers = (commands$: Observable<Command>, client: DashboardClient): Observable<DashboardEvent> =>
  commands$.pipe(mergeMap(command => (command.type === 'cancel' ? cancel(client, command.target) : EMPTY)));

const cancel = async (client: DashboardClient, target: CancelTarget): Promise<DashboardEvent> => {
  try {
    await (target.task === null ? client.cancelJob(target.job) : client.cancelTask(target.job, target.task));
    return { type: 'cancelDone', target };
  } catch (error) {
    return { type: 'cancelFailed', target, why: wordsOf(error) };
  }
};
