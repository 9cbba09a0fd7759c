import { concat, NEVER, type Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { plainPen, screenPen } from '../../../src/cli/pen.ts';
import { documentDisplay, lineDisplay, liveDisplay } from '../../../src/cli/watch/display.ts';
import { type Watch, watchJob } from '../../../src/cli/watch/watch-job.ts';
import type { JobStatus } from '../../../src/domain/status.ts';
import { type AlfredClient, ServerRefusedError, ServerUnreachableError } from '../../../src/rpc/client-port.ts';
import { createVirtualTime } from '../../support/virtual-time.ts';
import { fakeClient } from '../support/fake-client.ts';
import { fakeIo } from '../support/io.ts';
import { completed, failed, finished, job, queued, running, timedOut, warned } from '../support/jobs.ts';
import { openScreen } from '../support/screen.ts';

/** Time begins when the jobs of these specs were scheduled. */
const scheduledAt = 0;
const waiting = job([queued('a'), queued('b')], { scheduledAt });
const started = job([running('a'), queued('b')], { scheduledAt });
const halfway = job([failed('a'), running('b')], { scheduledAt });
const done = finished([failed('a'), completed('b')], { scheduledAt, completedAt: 5_000 });

type Given = { readonly connections?: readonly Observable<JobStatus>[]; readonly cancels?: Partial<AlfredClient> };

/** A watch whose server says what `server$` says, or, connection by connection, what `connections` say. */
const start = (changes: Partial<Omit<Watch, 'client'>> & Given = {}) => {
  const virtual = createVirtualTime();
  const process = fakeIo();
  const server$ = new Subject<JobStatus>();
  const lines: string[] = [];
  const left = [...(changes.connections ?? [])];
  const watch: Watch = {
    client: fakeClient({ watchJob: () => left.shift() ?? server$, ...changes.cancels }),
    jobId: 'nightly-brave-otter',
    display: changes.display ?? lineDisplay(line => lines.push(line), plainPen),
    abort: changes.abort ?? { onFailure: false, onError: false },
    onInterrupt: changes.onInterrupt ?? 'leave',
    howToEnter: task => `alfred exec nightly-brave-otter ${task}`,
  };
  const over = watchJob(watch, process.io, virtual.time.scheduler);
  return { ...virtual, ...process, server$, lines, over };
};

describe('a watch', () => {
  it('says in one line what changed, where it can not redraw', async () => {
    const { server$, lines, over, advance } = start();
    server$.next(waiting);
    await advance(3_000);
    server$.next(started);
    server$.next(halfway);
    server$.next(halfway);
    server$.next(done);
    expect(await over).toBe(done);
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "Job 'nightly-brave-otter' running (📝 0/2 0%, ⏱️ 0s)
      ⚙️ a running
      💥 a failed: exit code 1 (after 9s)
      ⚙️ b running
      ✅ b completed (after 9s)
      Job 'nightly-brave-otter' failed (📝 2/2 100%, ⏱️ 5s 🏁)"
    `);
  });

  it('tells whoever joins late what happened before', async () => {
    const { server$, lines } = start();
    server$.next(job([failed('a', { exitCode: 137, reason: 'out of memory' }), running('b')], { scheduledAt }));
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "Job 'nightly-brave-otter' running (📝 1/2 50%, ⏱️ 0s)
      💥 a failed: exit code 137, out of memory (after 9s)
      ⚙️ b running"
    `);
  });

  it('repeats nothing after a lost connection', async () => {
    const lost = new ServerUnreachableError('broken pipe');
    const cut = new Subject<JobStatus>();
    const { server$, lines, advance } = start({ connections: [cut, throwError(() => lost)] });
    cut.next(started);
    cut.error(lost);
    await advance(3_000);
    server$.next(halfway);
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "Job 'nightly-brave-otter' running (📝 0/2 0%, ⏱️ 0s)
      ⚙️ a running
      connection lost, trying again in 1s: broken pipe
      connection lost, trying again in 2s: broken pipe
      connected again
      💥 a failed: exit code 1 (after 9s)
      ⚙️ b running"
    `);
  });

  it('redraws in place on a terminal, each second and on each change, and gives the cursor back', async () => {
    const screen = openScreen();
    const { server$, over, advance } = start({ display: liveDisplay(screen.stream, screenPen({ color: false })) });
    server$.next(started);
    expect(await screen.text()).toMatchInlineSnapshot(`
      "
      Job 'nightly-brave-otter' running (📝 0/2 0%, ⏱️ 0s)
      ⏳  queued     b (1)
      ⚙️  running    a (1)
      "
    `);
    await advance(4_000);
    expect(await screen.text()).toContain('⏱️ 4s');
    server$.next(halfway);
    expect(await screen.text()).toMatchInlineSnapshot(`
      "
      Job 'nightly-brave-otter' running (📝 1/2 50%, ⏱️ 4s)
      ⚙️  running    b (1)
      💥  failed     a (1)
      "
    `);
    expect(await screen.hasCursor()).toBe(false);
    server$.next(done);
    await over;
    expect(await screen.text()).toMatchInlineSnapshot(`
      "
      Job 'nightly-brave-otter' failed (📝 2/2 100%, ⏱️ 5s 🏁)
      💥  failed     a (1)
      ✅  completed  b (1)
      "
    `);
    expect(await screen.hasCursor()).toBe(true);
  });

  it('counts down to the next attempt when the connection is lost', async () => {
    const screen = openScreen();
    const cut = new Subject<JobStatus>();
    const { server$, advance } = start({
      display: liveDisplay(screen.stream, screenPen({ color: false })),
      connections: [cut, throwError(() => new ServerUnreachableError('no route to host'))],
    });
    cut.next(started);
    cut.error(new ServerUnreachableError('broken pipe'));
    await advance(1_500);
    expect(await screen.text()).toContain('connection lost, trying again in 2s: no route to host');
    await advance(2_500);
    server$.next(halfway);
    expect(await screen.text()).not.toContain('connection lost');
  });

  it('gives the cursor back when the server refuses', async () => {
    const screen = openScreen();
    const { server$, over } = start({ display: liveDisplay(screen.stream, screenPen({ color: false })) });
    server$.next(started);
    server$.error(new ServerRefusedError('the job is gone', 'notFound'));
    await expect(over).rejects.toThrow('the job is gone');
    expect(await screen.hasCursor()).toBe(true);
  });

  it('fits a terminal whose size changes while it is drawn', async () => {
    const screen = openScreen();
    const process = fakeIo({ stderr: screen.stream });
    const { time, advance } = createVirtualTime();
    const tasks = Array.from({ length: 40 }, (_, index) => queued(`task-${index}`));
    const client = fakeClient({ watchJob: () => concat(of(job(tasks, { scheduledAt })), NEVER) });
    const display = liveDisplay(screen.stream, screenPen({ color: false }));
    const abort = { onFailure: false, onError: false };
    const howToEnter = (task: string) => `alfred exec x ${task}`;
    const over = watchJob({ client, jobId: 'x', display, abort, onInterrupt: 'leave', howToEnter }, process.io, time.scheduler);
    await advance(0);
    await screen.resize(44);
    expect(await screen.text()).toMatchInlineSnapshot(`
      "
      Job 'nightly-b…' running (📝 0/40 0%, ⏱️ 0s)
      ⏳  queued     task-0, task-1, task-2, … (40)
      "
    `);
    await screen.resize(70);
    expect(await screen.text()).toMatchInlineSnapshot(`
      "
      Job 'nightly-brave-otter' running (📝 0/40 0%, ⏱️ 0s)
      ⏳  queued     task-0, task-1, task-2, task-3, task-4, task-5, … (40)
      "
    `);
    process.interrupt();
    await over;
  });

  it('says with the failure of a task that is kept how to get into it', () => {
    const { server$, lines } = start();
    server$.next(started);
    server$.next(job([failed('a', { keptUntil: 900_000 }), queued('b')], { scheduledAt }));
    expect(lines.slice(-2)).toEqual([
      '💥 a failed: exit code 1 (after 9s)',
      '🔑 a kept 15m00s: alfred exec nightly-brave-otter a',
    ]);
  });

  it('leaves the job alone when it is interrupted', async () => {
    const { server$, over, interrupt } = start();
    server$.next(started);
    interrupt();
    expect(await over).toBe(started);
  });

  it('prints a document per change for programs', async () => {
    const documents: object[] = [];
    const { server$ } = start({ display: documentDisplay(document => documents.push(document)) });
    server$.next(started);
    server$.next(done);
    expect(documents).toMatchInlineSnapshot(`
      [
        {
          "about": "Every test there is",
          "commandLine": "alfred run nightly.yaml",
          "completedAt": null,
          "exitCode": 0,
          "name": "nightly-brave-otter",
          "scheduledAt": "1970-01-01T00:00:00.000Z",
          "startedBy": "ada@lovelace",
          "tasksEnded": 0,
          "tasksTotal": 2,
          "type": "jobSeen",
        },
        {
          "endedAt": null,
          "exitCode": null,
          "job": "nightly-brave-otter",
          "keptUntil": null,
          "name": "a",
          "reason": null,
          "startedAt": "2026-01-15T12:00:01.000Z",
          "state": "running",
          "type": "taskChanged",
        },
        {
          "endedAt": "2026-01-15T12:00:10.000Z",
          "exitCode": 1,
          "job": "nightly-brave-otter",
          "keptUntil": null,
          "name": "a",
          "reason": null,
          "startedAt": "2026-01-15T12:00:01.000Z",
          "state": "failed",
          "type": "taskChanged",
        },
        {
          "endedAt": "2026-01-15T12:00:10.000Z",
          "exitCode": 0,
          "job": "nightly-brave-otter",
          "keptUntil": null,
          "name": "b",
          "reason": null,
          "startedAt": "2026-01-15T12:00:01.000Z",
          "state": "completed",
          "type": "taskChanged",
        },
        {
          "about": "Every test there is",
          "commandLine": "alfred run nightly.yaml",
          "completedAt": "1970-01-01T00:00:05.000Z",
          "exitCode": 1,
          "name": "nightly-brave-otter",
          "scheduledAt": "1970-01-01T00:00:00.000Z",
          "startedBy": "ada@lovelace",
          "tasksEnded": 2,
          "tasksTotal": 2,
          "type": "jobCompleted",
        },
      ]
    `);
  });
});

describe('a watch that cancels', () => {
  const cancelling = (changes: Parameters<typeof start>[0], cancel: () => Promise<void> = async () => undefined) => {
    const calls: string[] = [];
    const record = (what: string) => (jobId: string) => {
      calls.push(`${what} ${jobId}`);
      return cancel();
    };
    return { ...start({ ...changes, cancels: { cancelJob: record('all of'), cancelRest: record('the rest of') } }), calls };
  };

  const onFailure = { onFailure: true, onError: false };
  const onError = { onFailure: false, onError: true };

  it.each([
    ['exits 42, with --abort-on-failure', onFailure, warned('a')],
    ['fails, with --abort-on-error', onError, failed('a')],
    ['times out, with --abort-on-error', onError, timedOut('a')],
  ])('cancels the rest once, when a task %s', async (_title, abort, task) => {
    const { server$, calls, advance, lines } = cancelling({ abort });
    server$.next(waiting);
    await advance(0);
    expect(calls).toStrictEqual([]);
    server$.next(job([task, running('b')]));
    server$.next(job([task, task]));
    await advance(0);
    expect(calls).toStrictEqual(['the rest of nightly-brave-otter']);
    expect(lines).toContainEqual(expect.stringMatching(/^a .*: cancelling the rest$/));
  });

  it.each([
    ['exits 42, with --abort-on-error', onError, warned('a')],
    ['exits 1, with --abort-on-failure', onFailure, failed('a')],
    ['fails, with neither', { onFailure: false, onError: false }, failed('a')],
  ])('lets the rest go on when a task %s', async (_title, abort, task) => {
    const { server$, calls, advance } = cancelling({ abort });
    server$.next(job([task, running('b')]));
    await advance(60_000);
    expect(calls).toStrictEqual([]);
  });

  it('has nothing to cancel when the last task fails', async () => {
    const { server$, calls, over } = cancelling({ abort: onError });
    server$.next(done);
    await over;
    expect(calls).toStrictEqual([]);
  });

  it('has nothing to cancel either when only what failed is left, and is kept; until Ctrl+C ends that', async () => {
    const { server$, calls, advance, interrupt } = cancelling({ abort: onError, onInterrupt: 'cancel' });
    const kept = failed('a', { keptUntil: 900_000 });
    server$.next(job([kept, completed('b')], { scheduledAt }));
    await advance(0);
    expect(calls).toStrictEqual([]);
    interrupt();
    await advance(0);
    expect(calls).toStrictEqual(['all of nightly-brave-otter']);
  });

  it('cancels what is kept at Ctrl+C, though it has cancelled the rest for its sake', async () => {
    const { server$, calls, advance, interrupt } = cancelling({ abort: onError, onInterrupt: 'cancel' });
    server$.next(job([failed('a', { keptUntil: 900_000 }), running('b')], { scheduledAt }));
    await advance(0);
    interrupt();
    await advance(0);
    expect(calls).toStrictEqual(['the rest of nightly-brave-otter', 'all of nightly-brave-otter']);
  });

  it('tries again when the server can not be reached', async () => {
    const answers = [() => Promise.reject(new ServerUnreachableError('broken pipe')), () => Promise.resolve()];
    const { server$, calls, advance } = cancelling({ abort: onError }, () => (answers.shift() ?? (() => Promise.resolve()))());
    server$.next(halfway);
    await advance(0);
    expect(calls).toHaveLength(1);
    await advance(60_000);
    expect(calls).toHaveLength(2);
  });

  it('says when the server refuses to cancel, and goes on', async () => {
    const { server$, lines, advance } = cancelling({ abort: onError }, () =>
      Promise.reject(new ServerRefusedError('you may not', 'invalid')),
    );
    server$.next(halfway);
    await advance(0);
    expect(lines.at(-1)).toBe("the job can't be cancelled: you may not");
  });

  it('waits for the end of the job when Ctrl+C cancels it', async () => {
    const { server$, calls, over, interrupt, advance, lines } = cancelling({ onInterrupt: 'cancel' });
    server$.next(started);
    interrupt();
    await advance(1_000);
    expect(calls).toStrictEqual(['all of nightly-brave-otter']);
    expect(lines.at(-1)).toBe('cancelling and cleaning up; Ctrl+C again leaves at once');
    server$.next(done);
    expect(await over).toBe(done);
  });

  it('leaves at once at the second Ctrl+C', async () => {
    const { server$, over, interrupt } = cancelling({ onInterrupt: 'cancel' }, () => new Promise(() => undefined));
    server$.next(started);
    interrupt();
    interrupt();
    expect(await over).toBe(started);
  });
});
