import { setImmediate } from 'node:timers/promises';
import {
  asyncScheduler,
  BehaviorSubject,
  concatMap,
  interval,
  map,
  type Observable,
  of,
  shareReplay,
  take,
  throwError,
  timer,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it, vi } from 'vitest';
import { signalOf } from '../../src/rpc/call.ts';
import { type Chunk, conflate, sendChunks, sendStates } from '../../src/rpc/stream.ts';
import { EagerCall, FakeCall } from './fake-call.ts';

const marbles: TestScheduler['run'] = body =>
  new TestScheduler((actual, expected) => expect(actual).toStrictEqual(expected)).run(body);

describe('the states that a client gets', () => {
  const takenAtOnce = () => of('taken');

  it('are the first at once, then the newest, no faster than the interval', () =>
    marbles(({ hot, expectObservable }) => {
      const states$ = hot('a 99ms b 99ms c 1799ms d 99ms e 1999ms |');
      const sent = '       a 999ms        c 999ms d 999ms e 1099ms |';
      expectObservable(states$.pipe(conflate(takenAtOnce, 1_000))).toBe(sent);
    }));

  it('come on a common beat, whenever a client joined', () =>
    marbles(({ hot, expectObservable }) => {
      const states$ = hot('a 9ms  b 9ms c 9ms  d 999ms -');
      const early = '      a 99ms              d';
      const later = '      20ms         c 179ms d';
      expectObservable(states$.pipe(conflate(takenAtOnce, 100))).toBe(early);
      expectObservable(timer(15).pipe(concatMap(() => states$.pipe(conflate(takenAtOnce, 100))))).toBe(later);
    }));

  it('wait until the client has taken the one before', () =>
    marbles(({ hot, expectObservable }) => {
      const slow = () => timer(450);
      const states$ = hot('abcdefg 992ms h 999ms -');
      const sent = '       a 449ms g 548ms h';
      expectObservable(states$.pipe(conflate(slow, 100))).toBe(sent);
    }));

  it('end with the last one, which waits for the client but not for the interval', () =>
    marbles(({ hot, expectObservable }) => {
      const slow = () => timer(500);
      const states$ = hot('abc|');
      expectObservable(states$.pipe(conflate(takenAtOnce, 60_000))).toBe('a--(c|)');
      expectObservable(states$.pipe(conflate(slow, 60_000))).toBe('a 499ms (c|)');
    }));
});

describe('a watched state', () => {
  const encode = (state: unknown): Buffer => Buffer.from(String(state));

  const send = <State>(call: FakeCall<Buffer>, states$: Observable<State>, intervalMs = 100) =>
    sendStates(call, { states$, encode, intervalMs }, signalOf(call));

  it('costs one message while the client reads nothing for a minute, and the final state is what it gets then', async () => {
    const call = new FakeCall<Buffer>();
    const encoded = vi.fn(encode);
    const sent: string[] = [];

    const last = marbles(() => {
      const aMinuteOfChanges$ = interval(10).pipe(take(6_000));
      timer(59_990).subscribe(() => sent.push(...call.written.map(String)));
      timer(75_000).subscribe(() => call.read());
      return sendStates(call, { states$: aMinuteOfChanges$, encode: encoded, intervalMs: 100 }, signalOf(call));
    });

    expect(await last).toBe(5_999);
    expect(sent).toEqual(['0']);
    expect(call.written.map(String)).toEqual(['0', '5999']);
    expect(encoded).toHaveBeenCalledTimes(2);
  });

  it('reaches a hundred clients that joined at any time as the same few objects', () => {
    const encodings: number[] = [];
    const bytesOf = new Map<number, Buffer>();
    const encodeOnce = (state: number): Buffer => {
      const known = bytesOf.get(state);
      if (known !== undefined) return known;
      const bytes = encode(state);
      bytesOf.set(state, bytes);
      encodings.push(asyncScheduler.now());
      return bytes;
    };
    const calls = Array.from({ length: 100 }, () => new EagerCall<Buffer>());

    marbles(({ hot }) => {
      const state$ = hot('x 9ms '.repeat(400)).pipe(
        map((_, index) => index),
        shareReplay(1),
      );
      state$.subscribe();
      calls.forEach((call, index) => {
        const joinsAt$ = timer(7 * index);
        joinsAt$.subscribe(() => void sendStates(call, { states$: state$, encode: encodeOnce, intervalMs: 100 }, signalOf(call)));
      });
    });

    const inTheirThirdSecond = encodings.filter(at => at > 2_000 && at <= 3_000);
    expect(inTheirThirdSecond).toHaveLength(10);
    expect(calls.every(({ written }) => written.length > 30)).toBe(true);
  });

  it('is let go when the client leaves', async () => {
    const call = new EagerCall<Buffer>();
    const states$ = new BehaviorSubject('a');
    const over = send(call, states$);
    expect(states$.observed).toBe(true);

    call.leave();

    expect(await over).toBe('a');
    expect(states$.observed).toBe(false);
  });

  it.each(['cancelled', 'close'])('is let go when all that the call says is %s (grpc-node #2583)', event => {
    const call = new EagerCall<Buffer>();
    const states$ = new BehaviorSubject('a');
    void send(call, states$);

    call.emit(event);

    expect(states$.observed).toBe(false);
  });

  it('that fails is told to the caller', async () => {
    await expect(
      send(
        new EagerCall(),
        throwError(() => new Error('a bug')),
      ),
    ).rejects.toThrow('a bug');
  });
});

describe('a file', () => {
  const texts = (call: FakeCall<Chunk>): readonly string[] => call.written.map(({ data }) => data.toString());

  async function* pieces(...all: readonly string[]) {
    for (const piece of all) yield Buffer.from(piece);
  }

  it('goes out piece by piece, each with its length, then the call ends', async () => {
    const call = new EagerCall<Chunk>();

    await sendChunks(call, pieces('ab', 'c'), signalOf(call));

    expect(call.written).toEqual([
      { data: Buffer.from('ab'), length: 2 },
      { data: Buffer.from('c'), length: 1 },
    ]);
    expect(call.ending).toBe('OK');
  });

  it('is not read further than the client reads', async () => {
    const call = new FakeCall<Chunk>();
    const source = pieces('a', 'b', 'c');

    const sending = sendChunks(call, source, signalOf(call));
    await setImmediate();
    expect(texts(call)).toEqual(['a']);
    call.read();
    await setImmediate();
    expect(texts(call)).toEqual(['a', 'b']);
    call.leave();
    await sending;

    expect(await source.next()).toMatchObject({ done: true });
    expect(call.ending).toBeNull();
  });
});
