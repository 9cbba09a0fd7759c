import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { plainPen, screenPen } from '../../../src/cli/pen.ts';
import { renderWatch, type WatchView } from '../../../src/cli/watch/view.ts';
import type { JobId } from '../../../src/domain/names.ts';
import type { JobStatus, TaskStatus } from '../../../src/domain/status.ts';
import {
  aborted,
  at,
  completed,
  failed,
  finished,
  hours,
  job,
  manyNames,
  minutes,
  queued,
  running,
  seconds,
  skipped,
  timedOut,
  warned,
} from '../support/jobs.ts';

const viewOf = (status: JobStatus | null, changes: Partial<WatchView> = {}): WatchView => ({
  job: status,
  now: at(seconds(72)),
  loss: null,
  activity: null,
  howToEnter: task => `alfred exec nightly-brave-otter ${task}`,
  ...changes,
});

const draw = (status: JobStatus | null, changes: Partial<WatchView> = {}, columns = 80): string =>
  `\n${renderWatch(viewOf(status, changes), columns, plainPen).join('\n')}\n`;

const oneOfEach = [
  queued('deploy'),
  running('integration'),
  aborted('docs'),
  skipped('release'),
  timedOut('fuzz'),
  failed('unit'),
  warned('lint'),
  completed('build'),
];

/** 300 tasks in all kinds of states. */
const threeHundred: readonly TaskStatus[] = manyNames(300).map((name, index) => {
  const endedAt = at(seconds(300 - index));
  if (index % 50 === 7) return failed(name, { endedAt });
  if (index % 50 === 9) return warned(name, { endedAt });
  if (index < 120) return completed(name, { endedAt });
  return index < 184 ? running(name) : queued(name);
});

describe('the watch display', () => {
  it('shows for how long a failed task is kept, and how to get into it', () => {
    const kept = failed('unit', { keptUntil: at(minutes(15)) });
    expect(draw(job([kept, running('integration')]))).toMatchInlineSnapshot(`
      "
      Job 'nightly-brave-otter' running (📝 1/2 50%, ⏱️ 1m12s)
      ⚙️ running    integration (1)
      💥 failed     unit (kept 13m48s) (1)
      🔑 alfred exec nightly-brave-otter unit
      "
    `);
    expect(draw(job([kept, completed('build')]))).toMatchInlineSnapshot(`
      "
      Job 'nightly-brave-otter' kept (📝 2/2 100%, ⏱️ 1m12s)
      💥 failed     unit (kept 13m48s) (1)
      ✅ completed  build (1)
      🔑 alfred exec nightly-brave-otter unit
      "
    `);
    expect(draw(job([kept]), {}, 40)).toMatchInlineSnapshot(`
      "
      nightly-brave-o… (📝 1/1 100%, ⏱️ 1m12s)
      💥 failed     unit (kept 13m48s) (1)
      🔑 alfred exec nightly-brave-otter unit
      "
    `);
  });

  it('has a header, then a line for each group of tasks', () => {
    expect(draw(job(oneOfEach))).toMatchInlineSnapshot(`
      "
      Job 'nightly-brave-otter' running (📝 6/8 75%, ⏱️ 1m12s)
      ⏳ queued     deploy (1)
      ⚙️ running    integration (1)
      ⛔ aborted    docs (1)
      ⏭️ skipped    release (1)
      ⏰ timed out  fuzz (1)
      💥 failed     unit (1)
      ⚠️ warnings   lint (1)
      ✅ completed  build (1)
      "
    `);
  });

  it('leaves out the groups that are empty', () => {
    expect(draw(job([running('a'), running('b')]))).toMatchInlineSnapshot(`
      "
      Job 'nightly-brave-otter' running (📝 0/2 0%, ⏱️ 1m12s)
      ⚙️ running    a, b (2)
      "
    `);
  });

  it('shows as many names as fit: the first of those to come, the last of those that ended', () => {
    expect(draw(job(threeHundred))).toMatchInlineSnapshot(`
      "
      Job 'nightly-brave-otter' running (📝 126/300 42%, ⏱️ 1m12s)
      ⏳ queued     task-185, task-186, task-187, task-188, task-189, … (112)
      ⚙️ running    task-121, task-122, task-123, task-124, task-125, task-126, … (62)
      💥 failed     task-258, task-208, task-158, task-108, task-058, task-008 (6)
      ⚠️ warnings   task-260, task-210, task-160, task-110, task-060, task-010 (6)
      ✅ completed  …, task-005, task-004, task-003, task-002, task-001 (114)
      "
    `);
  });

  it.each([40, 60, 100, 160, 300])('fits 300 tasks into %d columns', columns => {
    expect(draw(job(threeHundred), {}, columns)).toMatchSnapshot();
  });

  it('shortens the name of the job before its figures', () => {
    const name = 'a-job-with-quite-a-long-name-brave-otter' as JobId;
    expect(draw(job([running('a')], { name }), {}, 60)).toMatchInlineSnapshot(`
      "
      Job 'a-job-with-quite-a-long…' running (📝 0/1 0%, ⏱️ 1m12s)
      ⚙️ running    a (1)
      "
    `);
  });

  it.each([
    ['🐢 from one hour', hours(1), '1h00m 🐢'],
    ['🧟 from two hours', hours(2), '2h00m 🧟'],
    ['nothing before', hours(1) - 1, '59m59s)'],
  ])('marks a slow job with %s', (_title, ms, mark) => {
    expect(draw(job([running('a', at(ms))]), { now: at(ms) })).toContain(mark);
  });

  it('marks slow tasks: 🐢 from half an hour, 🧟 from one, 😴 when queued for two', () => {
    const tasks = [
      queued('waiting'),
      running('quick', at(minutes(91))),
      running('slow', at(minutes(90))),
      running('stuck', at(minutes(60))),
    ];
    expect(draw(job(tasks), { now: at(hours(2)) })).toMatchInlineSnapshot(`
      "
      Job 'nightly-brave-otter' running (📝 0/4 0%, ⏱️ 2h00m 🧟)
      ⏳ queued     waiting 😴 (1)
      ⚙️ running    quick, slow 🐢, stuck 🧟 (3)
      "
    `);
  });

  it.each([
    ['completed', finished([completed('a')])],
    ['completed with warnings', finished([completed('a'), warned('b')])],
    ['failed', finished([failed('a'), aborted('b')])],
    ['aborted', finished([completed('a'), aborted('b')])],
  ])('says 🏁 and "%s" when the job is done', (word, status) => {
    const [, header] = draw(status, { now: at(hours(9)) }).split('\n');
    expect(header).toMatch(new RegExp(`^Job 'nightly-brave-otter' ${word} \\(.*⏱️ 2m00s 🏁\\)$`));
  });

  it('says in the last line what else goes on', () => {
    expect(draw(job([running('a')]), { activity: 'b exited 1: cancelling the rest' })).toMatchInlineSnapshot(`
      "
      Job 'nightly-brave-otter' running (📝 0/1 0%, ⏱️ 1m12s)
      ⚙️ running    a (1)
      b exited 1: cancelling the rest
      "
    `);
  });

  it('says that the connection is lost, why, and when it is tried again', () => {
    const loss = { type: 'lost', why: 'read:\nbroken pipe', retryAt: at(seconds(75.5)) } as const;
    expect(draw(job([running('a')]), { loss, activity: 'b exited 1: cancelling the rest' })).toMatchInlineSnapshot(`
      "
      Job 'nightly-brave-otter' running (📝 0/1 0%, ⏱️ 1m12s)
      ⚙️ running    a (1)
      connection lost, trying again in 4s: read: broken pipe
      "
    `);
    expect(draw(null, { loss })).toMatchInlineSnapshot(`
      "
      connection lost, trying again in 4s: read: broken pipe
      "
    `);
  });

  it('colours labels and the state, and lines names up wherever an emoji ends', () => {
    const lines = renderWatch(viewOf(job([running('a')]), { now: at(seconds(5)) }), 80, screenPen({ color: true }));
    expect(lines.map(line => JSON.stringify(line))).toMatchInlineSnapshot(`
      [
        ""Job '\\u001b[1mnightly-brave-otter\\u001b[22m' \\u001b[36mrunning\\u001b[39m (📝 0/1 0%, ⏱️ 5s)"",
        ""⚙️\\u001b[4G\\u001b[36mrunning   \\u001b[39m a \\u001b[2m(1)\\u001b[22m"",
      ]
    `);
  });

  it('is never wider than the terminal, whatever the names are', () => {
    const name = fc.oneof(fc.constantFrom(...manyNames(300)), fc.string({ unit: 'grapheme', minLength: 1 }));
    const make = fc.constantFrom(queued, running, aborted, skipped, timedOut, failed, warned, completed);
    const task = fc.tuple(make, name).map(([toTask, taskName]) => toTask(taskName));
    fc.assert(
      fc.property(
        fc.array(task, { maxLength: 300 }),
        name,
        fc.integer({ min: 1, max: 300 }),
        fc.boolean(),
        (tasks, jobName, columns, color) => {
          const view = viewOf(job(tasks, { name: jobName as JobId }), { now: at(hours(3)), activity: 'cancelling the rest' });
          for (const line of renderWatch(view, columns, color ? screenPen({ color }) : plainPen)) {
            expect(stringWidth(line)).toBeLessThanOrEqual(columns);
            expect(line).not.toContain('\n');
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
