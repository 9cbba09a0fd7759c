import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { renderJunit } from '../../src/cli/junit.ts';
import { aborted, completed, failed, finished, job, queued, running, skipped, timedOut, warned } from './support/jobs.ts';

/** What a CI system would complain about. */
const complaints = async (report: string): Promise<readonly string[]> => {
  const schema = await readFile(join(import.meta.dirname, 'support', 'junit.xsd'), 'utf8');
  const { errors } = await validateXML({ xml: [{ fileName: 'report.xml', contents: report }], schema: [schema] });
  return errors.map(({ message }) => message);
};

const tasksOfEveryKind = fc.array(
  fc
    .tuple(
      fc.constantFrom(completed, warned, failed, timedOut, aborted, skipped),
      fc.oneof(fc.constant(null), fc.string({ unit: 'binary' }), fc.constant(']]> <!-- & \u0000')),
    )
    .map(([ended, reason]) => ended('a-task', { reason })),
  { minLength: 20, maxLength: 20 },
);

describe('a JUnit report', () => {
  it('has a case for each task, with its time and its verdict', () => {
    const tasks = [
      completed('build'),
      warned('lint'),
      failed('e2e', { exitCode: 137, reason: 'out of memory' }),
      timedOut('fuzz'),
      aborted('docs'),
      skipped('release'),
      queued('deploy'),
    ];
    expect(renderJunit(finished(tasks))).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="nightly-brave-otter" tests="7" failures="1" errors="2" time="120.000">
        <testsuite name="nightly-brave-otter" tests="7" failures="1" errors="2" time="120.000" skipped="2" timestamp="2026-01-15T12:00:00">
          <testcase name="build" classname="nightly-brave-otter" time="9.000"/>
          <testcase name="lint" classname="nightly-brave-otter" time="9.000">
            <system-out>completed with warnings: exit code 42</system-out>
          </testcase>
          <testcase name="e2e" classname="nightly-brave-otter" time="9.000">
            <failure message="exit code 137, out of memory" type="failed"/>
          </testcase>
          <testcase name="fuzz" classname="nightly-brave-otter" time="9.000">
            <error message="timed out" type="timedOut"/>
          </testcase>
          <testcase name="docs" classname="nightly-brave-otter" time="9.000">
            <error message="aborted" type="aborted"/>
          </testcase>
          <testcase name="release" classname="nightly-brave-otter" time="9.000">
            <skipped message="skipped itself"/>
          </testcase>
          <testcase name="deploy" classname="nightly-brave-otter" time="0.000">
            <skipped message="not ended"/>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
  });

  it('is well-formed whatever a reason holds', () => {
    const reason = 'no <such> "image" & more\u0000\u001b[31m\nin two lines\uffff\ud800';
    expect(renderJunit(finished([failed('a', { exitCode: -1, reason })]))).toContain(
      'message="no &lt;such&gt; &quot;image&quot; &amp; more in two lines\ufffd"',
    );
  });

  it('is what CI systems take, whatever became of the tasks', async () => {
    const unfinished = renderJunit(job([queued('a'), running('b')]));
    expect(await complaints(unfinished)).toEqual([]);
    await fc.assert(
      // A run of the validator takes a while: many tasks in a report say as much as many reports.
      fc.asyncProperty(tasksOfEveryKind, async tasks => {
        expect(await complaints(renderJunit(finished(tasks)))).toEqual([]);
      }),
      { numRuns: 5 },
    );
  });

  it('would be refused for what they do not know', async () => {
    expect(await complaints(renderJunit(finished([failed('a')])).replace('<failure', '<mishap'))).not.toEqual([]);
  });
});
