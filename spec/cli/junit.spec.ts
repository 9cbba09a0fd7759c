import { describe, expect, it } from 'vitest';
import { renderJunit } from '../../src/cli/junit.ts';
import { aborted, completed, failed, finished, queued, skipped, timedOut, warned } from './support/jobs.ts';

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
});
