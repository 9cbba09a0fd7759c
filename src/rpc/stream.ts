/**
 * Observables and files into calls. A client gets what it can take: of states the newest, of files every byte. Neither piles up
 * in memory for a client that does not read.
 */
import {
  asyncScheduler,
  defer,
  forkJoin,
  lastValueFrom,
  type MonoTypeOperatorFunction,
  NEVER,
  type Observable,
  ReplaySubject,
  race,
  take,
  takeUntil,
  tap,
  throttle,
  timer,
} from 'rxjs';
import { aborted, type OutgoingCall } from './call.ts';

/**
 * States after the first are sent at multiples of this, whenever a client joined: clients that watch the same thing then send
 * the same object, which is encoded once. Out of step, a thousand clients would be a thousand encodings.
 */
const BEAT_MS = 100;

/** Emits on the first beat that is at least `ms` away. */
const nextBeat = (ms: number): Observable<unknown> =>
  defer(() => {
    const now = asyncScheduler.now();
    return timer(Math.ceil((now + ms) / BEAT_MS) * BEAT_MS - now);
  });

/**
 * Lets the first state through at once, then the newest, each time the one before was taken and `intervalMs` are over. Holds
 * one state. The last state always comes through, before the end, and does not wait for the interval.
 *
 * `taken` is asked after each state; it answers by emitting, at once or later.
 */
export const conflate =
  <State>(taken: () => Observable<unknown>, intervalMs: number): MonoTypeOperatorFunction<State> =>
  states$ =>
    defer(() => {
      const ended$ = new ReplaySubject<void>(1);
      const due = () => race(nextBeat(intervalMs), ended$);
      return states$.pipe(
        tap({ complete: () => ended$.next() }),
        throttle(() => forkJoin([taken().pipe(take(1)), due().pipe(take(1))]), { leading: true, trailing: true }),
      );
    });

/** What a client watches. */
export type Broadcast<State> = {
  readonly states$: Observable<State>;
  /** A message's bytes: the call's own serialisation passes them on. */
  readonly encode: (state: State) => Buffer;
  /** The shortest time from one message to the next. */
  readonly intervalMs: number;
};

/**
 * Sends states to a client for as long as there are any and the client stays; returns the last one sent, and leaves it to the
 * caller to end the call. Rejects as `states$` does.
 */
export const sendStates = <State>(
  call: OutgoingCall<Buffer>,
  { states$, encode, intervalMs }: Broadcast<State>,
  signal: AbortSignal,
): Promise<State | undefined> => {
  let flushed$: Observable<void> = NEVER;
  const send = (state: State) => {
    const flushed = new ReplaySubject<void>(1);
    flushed$ = flushed;
    call.write(encode(state), () => flushed.next());
  };
  return lastValueFrom(
    states$.pipe(
      conflate(() => flushed$, intervalMs),
      tap(send),
      takeUntil(aborted(signal)),
    ),
    { defaultValue: undefined },
  );
};

/** A piece of a file, as the wire carries it. */
export type Chunk = { readonly data: Buffer; readonly length: number };

/** Sends a file, piece after piece as the client takes them, then ends the call OK. Rejects as `pieces` does. */
export const sendChunks = async (
  call: OutgoingCall<Chunk>,
  pieces: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<void> => {
  await sendMessages(call, toChunks(pieces), signal);
  if (!signal.aborted) call.end();
};

async function* toChunks(pieces: AsyncIterable<Buffer>): AsyncGenerator<Chunk> {
  for await (const data of pieces) yield { data, length: data.length };
}

/** Sends messages as the client takes them, for as long as it stays; leaves it to the caller to end the call. */
export const sendMessages = async <Message>(
  call: OutgoingCall<Message>,
  messages: AsyncIterable<Message>,
  signal: AbortSignal,
): Promise<void> => {
  for await (const message of messages) {
    await sendMessage(call, message, signal);
    if (signal.aborted) return;
  }
};

/** Sends a message; resolves once the client's window had room for it, or the call is over. */
export const sendMessage = <Message>(call: OutgoingCall<Message>, message: Message, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve();
    const done = () => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done);
    call.write(message, done);
  });
