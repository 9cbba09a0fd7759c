/**
 * The connection to a node: one ssh connection at a time, made again by itself for as long as the node may be there. Commands and
 * Docker's connections are channels on it; those under way end with it, and what they were for is taken up again by whoever wanted it.
 */
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type Observable, Subject } from 'rxjs';
import type { Log } from '../../base/log.ts';
import { shellQuote } from '../../base/shell-quote.ts';
import { untilAborted } from '../../base/until-aborted.ts';
import { NodeGoneError, type RemoteCommand, type RemoteHost, UnreachableError } from '../../engine/ports.ts';
import { dockerDialError } from './docker-dial-error.ts';
import { type Link, type LinkOptions, openLink } from './link.ts';
import { addressOf } from './words.ts';

export type SshConnectionOptions = LinkOptions & {
  /** Where Docker listens, as seen from the host: `unix:///var/run/docker.sock` or `tcp://host:port`. */
  readonly dockerSocket: string;
  readonly log: Log;
};

/** What becomes of the connection by itself. */
export type ConnectionState = { readonly type: 'connected' } | { readonly type: 'lost'; readonly why: string };

export type SshConnection = RemoteHost & {
  /** One attempt, unless it is connected already. Rejects with words that say what to do, or with the signal's reason. */
  open(signal: AbortSignal): Promise<void>;
  /** Goes on trying in the background until it is connected: for a host that is known to be there and does not answer. */
  keepTrying(): void;
  /** Changes from now on; completes when the connection is closed or given up. */
  readonly state$: Observable<ConnectionState>;
  /** The node is gone: all that waits, and all that is asked later, rejects with `NodeGoneError`. */
  giveUp(why: string): void;
  /** Ends the connection and what runs over it; the node stays as it is. */
  close(): void;
};

/** Between two attempts at making a lost connection again; doubled each time up to the longest. */
const SHORTEST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** How the connection stands. `back` settles when it is there again, or never will be. */
type Phase =
  | { readonly type: 'connected'; readonly link: Link }
  | { readonly type: 'away'; readonly why: string; readonly back: PromiseWithResolvers<void> }
  | { readonly type: 'over'; readonly error: Error };

/** Makes no connection yet: `open` does. */
export const createSshConnection = (options: SshConnectionOptions): SshConnection => {
  const { dockerSocket, log } = options;
  const address = addressOf(options.target);
  const state$ = new Subject<ConnectionState>();
  const over = new AbortController();
  let phase: Phase = away('it was not connected yet');
  let attempt: Promise<void> | null = null;
  let trying = false;
  let lastMarks: string | null = null;

  const connected = (link: Link): void => {
    // What an earlier connection left running there: the host may not have noticed yet that it is gone.
    if (lastMarks !== null) link.endMarked(lastMarks);
    lastMarks = link.marks;
    const waiting = phase;
    phase = { type: 'connected', link };
    link.lost.addEventListener('abort', () => lost(link), { once: true });
    if (waiting.type === 'away') waiting.back.resolve();
    state$.next({ type: 'connected' });
  };

  const lost = ({ lost: { reason } }: Link): void => {
    if (phase.type === 'over') return;
    const why = `the ssh connection to ${address} broke: ${reason.message}`;
    log.warn({ host: address, why: reason.message }, 'the ssh connection broke; it is made again');
    phase = away(why);
    state$.next({ type: 'lost', why });
    // Not at once: a host that takes connections and drops them is not to be asked all the time.
    keepTrying(SHORTEST_WAIT_MS);
  };

  const makeLink = async (signal: AbortSignal): Promise<void> => {
    const link = await openLink(options, AbortSignal.any([signal, over.signal]));
    if (phase.type === 'over') link.end(phase.error);
    else if (link.lost.aborted) throw link.lost.reason;
    else connected(link);
  };

  /** One attempt at a time: a second connection would be one that nobody ends. */
  const open: SshConnection['open'] = async signal => {
    while (attempt !== null) await untilAborted(attempt, signal).catch(() => signal.throwIfAborted());
    if (phase.type === 'over') throw phase.error;
    if (phase.type === 'connected') return;
    attempt = makeLink(signal).finally(() => {
      attempt = null;
    });
    await attempt;
  };

  const keepTrying = (firstWaitMs: number): void => {
    if (trying) return;
    trying = true;
    void tryUntilConnected(firstWaitMs);
  };

  const tryUntilConnected = async (firstWaitMs: number): Promise<void> => {
    let said = '';
    for (let waitMs = firstWaitMs; phase.type === 'away'; waitMs = longer(waitMs)) {
      try {
        await delay(waitMs, undefined, { signal: over.signal });
        await open(over.signal);
        log.info({ host: address }, 'the ssh connection is there');
      } catch (error) {
        if (over.signal.aborted) break;
        const why = (error as Error).message;
        if (why !== said) log.warn({ host: address, why }, 'the ssh connection can not be made yet; it is tried again');
        said = why;
        if (phase.type === 'away') phase = { ...phase, why };
      }
    }
    trying = false;
  };

  const end = (error: Error): void => {
    if (phase.type === 'over') return;
    const ended = phase;
    phase = { type: 'over', error };
    over.abort(error);
    if (ended.type === 'away') ended.back.reject(error);
    else ended.link.end(error);
    state$.complete();
  };

  const unreachable = (options: ErrorOptions = {}): Error => {
    if (phase.type === 'over') return phase.error;
    const why = phase.type === 'away' ? phase.why : `the ssh connection to ${address} broke`;
    const back = phase.type === 'away' ? phase.back.promise : Promise.resolve();
    const reachable = (signal?: AbortSignal) => (signal === undefined ? back : untilAborted(back, signal));
    return new UnreachableError(`${address} can not be reached: ${why}`, reachable, options);
  };

  /** Asks something of the connection that stands, and says so when it is none, or breaks before the answer. */
  const onLink = async <T>(ask: (link: Link) => Promise<T>): Promise<T> => {
    if (phase.type !== 'connected') throw unreachable();
    const { link } = phase;
    try {
      return await ask(link);
    } catch (cause) {
      throw link.lost.aborted ? unreachable({ cause }) : cause;
    }
  };

  return {
    address,
    run: (script, signal): Promise<RemoteCommand> =>
      onLink(async link => {
        signal.throwIfAborted();
        return await link.run(`export DOCKER_HOST=${shellQuote(dockerSocket)}\n${script}`, signal);
      }),
    dialDocker: (): Promise<Duplex> =>
      onLink(async link => {
        try {
          return await link.dial(dockerSocket, unreachable);
        } catch (error) {
          throw await dockerDialError(error, { link, dockerSocket, target: options.target });
        }
      }),
    open,
    keepTrying: () => keepTrying(0),
    state$,
    giveUp: why => end(new NodeGoneError(why)),
    close: () => end(new Error(`the connection to ${address} was closed`)),
  };
};

const longer = (waitMs: number): number => Math.min(Math.max(2 * waitMs, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);

const away = (why: string): Phase & { readonly type: 'away' } => {
  const back = Promise.withResolvers<void>();
  // Often nobody waits for it.
  back.promise.catch(() => undefined);
  return { type: 'away', why, back };
};
