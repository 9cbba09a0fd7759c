import { concat, NEVER, type Observable, of, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { followJob, type Sighting } from '../../../src/cli/watch/follow.ts';
import type { JobStatus } from '../../../src/domain/status.ts';
import { ServerRefusedError, ServerUnreachableError } from '../../../src/rpc/client-port.ts';
import { createVirtualTime } from '../../support/virtual-time.ts';
import { completed, finished, job, minutes, running } from '../support/jobs.ts';

const started = job([running('a')]);
const done = finished([completed('a')]);

const marbles = (body: (tools: Parameters<Parameters<TestScheduler['run']>[0]>[0], scheduler: TestScheduler) => void): void => {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toStrictEqual(expected));
  scheduler.run(tools => body(tools, scheduler));
};

const seen = (status: JobStatus): Sighting => ({ type: 'seen', job: status });
const lost = (why: string, retryAt: number): Sighting => ({ type: 'lost', why, retryAt });
const broken = new ServerUnreachableError('broken pipe');

/** One observable per connection, in their order. */
const connections = (...each: readonly Observable<JobStatus>[]) => {
  const left = [...each];
  return (): Observable<JobStatus> => left.shift() ?? NEVER;
};

describe('following a job', () => {
  it('ends after the state that says that the job is done', () =>
    marbles(({ cold, expectObservable }, scheduler) => {
      const server = '  --a--(b|)';
      const expected = '--a--(b|)';
      const followed$ = followJob(() => cold(server, { a: started, b: done }), scheduler);
      expectObservable(followed$).toBe(expected, { a: seen(started), b: seen(done) });
    }));

  it('takes the watch up again where the connection was lost', () =>
    marbles(({ cold, expectObservable }, scheduler) => {
      const watch = connections(cold('--a--#', { a: started }, broken), cold('-(b|)', { b: done }));
      const expected = '--a--x 999ms -(b|)';
      expectObservable(followJob(watch, scheduler)).toBe(expected, {
        a: seen(started),
        x: lost('broken pipe', 1_005),
        b: seen(done),
      });
    }));

  it('waits longer after each failed attempt, half a minute at most, and as at first once it was connected', async () => {
    const failing = Array.from({ length: 7 }, () => throwError(() => broken));
    const watch = connections(
      ...failing,
      concat(
        of(started),
        throwError(() => broken),
      ),
      of(done),
    );
    const { time, advance } = createVirtualTime();
    const story: string[] = [];
    followJob(watch, time.scheduler).subscribe(({ type }) => story.push(`${time.scheduler.now() / 1_000}s ${type}`));
    await advance(minutes(3));
    expect(story.join(', ')).toMatchInlineSnapshot(
      `"0s lost, 1s lost, 3s lost, 7s lost, 15s lost, 31s lost, 61s lost, 91s seen, 91s lost, 92s seen"`,
    );
  });

  it('ends with what the server refuses: asking again would not help', () =>
    marbles(({ cold, expectObservable }, scheduler) => {
      const refusal = new ServerRefusedError('there is no job x', 'notFound');
      expectObservable(followJob(() => cold('-#', {}, refusal), scheduler)).toBe('-#', {}, refusal);
    }));

  it('gives up on a server that stays away for a quarter of an hour', async () => {
    const { time, advance } = createVirtualTime();
    const errors: unknown[] = [];
    followJob(() => throwError(() => broken), time.scheduler).subscribe({ error: error => errors.push(error) });
    await advance(minutes(13));
    expect(errors).toStrictEqual([]);
    await advance(minutes(2));
    expect(errors).toStrictEqual([broken]);
  });
});
