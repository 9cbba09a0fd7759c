import { concat, NEVER, Observable, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { keepWatching } from '../../src/tui/connection.ts';
import type { DashboardClient, ServerStatus } from '../../src/tui/port.ts';
import { createVirtualTime } from '../support/virtual-time.ts';
import { fakeServer } from './support/fake-server.ts';
import { busyServer } from './support/status.ts';

/** What comes of watching again and again, with the time at which it came. */
const watch = (calls: Partial<DashboardClient>) => {
  const { time, advance, now } = createVirtualTime();
  const seen: string[] = [];
  const subscription = keepWatching(fakeServer(calls).client, time.scheduler).subscribe({
    next: event =>
      seen.push(`${now()} ${event.type}${event.type === 'connectionLost' ? ` until ${event.retryAt}: ${event.why}` : ''}`),
    error: (error: Error) => seen.push(`${now()} failed: ${error.message}`),
  });
  return { seen, advance, stop: () => subscription.unsubscribe() };
};

/** A server that answers its watchers in this order, then never again. */
const answering = (...answers: readonly Observable<ServerStatus>[]) => {
  const left = [...answers];
  return { watchStatus: () => left.shift() ?? NEVER };
};

const breaks = (why: string): Observable<never> => throwError(() => new Error(why));

describe('watching a server', () => {
  it('tells what it says, and which it is', async () => {
    const { seen, advance } = watch({});
    await advance(0);
    expect(seen).toEqual(['0 statusReceived', '0 serverMet']);
  });

  it('fails at once when there never was an answer', async () => {
    const { seen, advance } = watch({ watchStatus: () => breaks('no such host') });
    await advance(60_000);
    expect(seen).toEqual(['0 failed: no such host']);
  });

  it('begins again when the connection breaks, later each time, and soon again once it was well', async () => {
    const refused = Array.from({ length: 5 }, () => breaks('refused'));
    const { seen, advance, stop } = watch({
      ping: () => new Promise(() => {}),
      ...answering(concat(of(busyServer), breaks('reset')), ...refused, of(busyServer), breaks('refused')),
    });
    await advance(100_000);
    stop();
    expect(seen).toEqual([
      '0 statusReceived',
      '0 connectionLost until 1000: reset',
      '1000 connectionLost until 3000: refused',
      '3000 connectionLost until 7000: refused',
      '7000 connectionLost until 15000: refused',
      '15000 connectionLost until 30000: refused',
      '30000 connectionLost until 45000: refused',
      '45000 statusReceived',
      '45000 connectionLost until 46000: the server has stopped',
      '46000 connectionLost until 48000: refused',
    ]);
  });

  it('asks again which server it is: it may have been replaced', async () => {
    const { seen, advance } = watch(answering(concat(of(busyServer), breaks('reset')), NEVER));
    await advance(2_000);
    expect(seen).toEqual(['0 statusReceived', '0 connectionLost until 1000: reset', '1000 serverMet']);
  });

  it('ends its calls when nobody listens any more', async () => {
    let isWatched = false;
    const watchStatus = () =>
      new Observable<ServerStatus>(() => {
        isWatched = true;
        return () => {
          isWatched = false;
        };
      });
    const { advance, stop } = watch({ watchStatus });
    await advance(0);
    expect(isWatched).toBe(true);
    stop();
    expect(isWatched).toBe(false);
  });
});
