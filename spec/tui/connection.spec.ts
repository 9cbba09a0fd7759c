import { NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { keepConnected } from '../../src/tui/connection.ts';
import type { DashboardClient, ServerStatus } from '../../src/tui/port.ts';
import { createVirtualTime } from '../support/virtual-time.ts';
import { fakeServer } from './support/fake-server.ts';
import { busyServer } from './support/status.ts';

/** What comes of connecting again and again, with the time at which it came. */
const watch = (connect: () => Promise<DashboardClient>) => {
  const { time, advance, now } = createVirtualTime();
  const seen: string[] = [];
  const subscription = keepConnected(connect, time.scheduler).subscribe({
    next: event => {
      const detail = event.type === 'connectionLost' ? ` until ${event.retryAt}: ${event.error}` : '';
      seen.push(`${now()} ${event.type}${detail}`);
    },
    error: error => seen.push(`${now()} failed: ${error}`),
  });
  return { seen, advance, stop: () => subscription.unsubscribe() };
};

describe('the connection', () => {
  it('tells who answers, then what the server says', async () => {
    const { seen, advance } = watch(async () => fakeServer().client);
    await advance(0);
    expect(seen).toEqual(['0 connected', '0 statusReceived', '0 serverMet']);
  });

  it('fails at once when there never was one', async () => {
    const { seen, advance } = watch(() => Promise.reject(new Error('no such host')));
    await advance(60_000);
    expect(seen).toEqual(['0 failed: Error: no such host']);
  });

  it('is made again when it breaks, later each time, and soon again once it was well', async () => {
    const status$ = new Subject<ServerStatus>();
    const first = fakeServer({ watchStatus: () => status$ }).client;
    const broken = fakeServer({
      watchStatus: () => throwError(() => new Error('refused')),
      ping: () => new Promise(() => {}),
    }).client;
    const clients = [first, broken, broken, broken, broken, broken, fakeServer({ watchStatus: () => of(busyServer) }).client];
    const { seen, advance, stop } = watch(async () => clients.shift() ?? broken);
    await advance(0);
    status$.next(busyServer);
    await advance(1_000);
    status$.error(new Error('reset'));
    await advance(50_000);
    stop();
    expect(seen.filter(line => line.includes('Lost'))).toEqual([
      '1000 connectionLost until 2000: Error: reset',
      '2000 connectionLost until 4000: Error: refused',
      '4000 connectionLost until 8000: Error: refused',
      '8000 connectionLost until 16000: Error: refused',
      '16000 connectionLost until 31000: Error: refused',
      '31000 connectionLost until 46000: Error: refused',
      // It answered, and stopped: that is a new trouble.
      '46000 connectionLost until 47000: Error: the server has stopped',
      '47000 connectionLost until 49000: Error: refused',
      '49000 connectionLost until 53000: Error: refused',
    ]);
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
    const { advance, stop } = watch(async () => fakeServer({ watchStatus, ping: () => new Promise(() => {}) }).client);
    await advance(0);
    expect(isWatched).toBe(true);
    stop();
    expect(isWatched).toBe(false);
  });

  it('asks a server that never answers only once', async () => {
    let asked = 0;
    const { advance } = watch(async () => {
      asked += 1;
      return fakeServer({ watchStatus: () => NEVER }).client;
    });
    await advance(600_000);
    expect(asked).toBe(1);
  });
});
