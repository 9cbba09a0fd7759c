/** A job as a JUnit report, for CI systems that show one: the job is a suite, its tasks are the cases. */
import type { JobStatus, TaskStatus } from '../domain/status.ts';
import { oneLine } from './one-line.ts';
import { whyEnded } from './watch/changes.ts';
import { groupNameOf } from './watch/groups.ts';

/**
 * Failed tasks are failures, timed out and aborted ones are errors: they never gave a verdict. Skipped and unfinished tasks are
 * skipped. A warning (42) counts as passed and says so in the case's output, as the task itself did its work.
 */
export const renderJunit = (job: JobStatus): string => {
  const groups = job.tasks.map(groupNameOf);
  const tally = (...names: readonly ReturnType<typeof groupNameOf>[]): number => groups.count(group => names.includes(group));
  const totals = {
    tests: job.tasks.size,
    failures: tally('failed'),
    errors: tally('timedOut', 'aborted'),
    time: inSeconds(job.scheduledAt, job.completedAt),
  };
  const suite = {
    name: job.name,
    ...totals,
    skipped: tally('skipped', 'queued', 'running'),
    // The schema wants no time zone; UTC is what readers assume.
    timestamp: new Date(job.scheduledAt).toISOString().slice(0, 19),
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: job.name, ...totals })}>`,
    `  <testsuite${attributes(suite)}>`,
    ...job.tasks.map(task => testCase(job, task)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
};

const testCase = (job: JobStatus, task: TaskStatus): string => {
  const start = `    <testcase${attributes({ name: task.name, classname: job.name, time: inSeconds(task.startedAt, task.endedAt) })}`;
  const verdict = verdictOf(task);
  return verdict === null ? `${start}/>` : `${start}>\n      ${verdict}\n    </testcase>`;
};

const verdictOf = (task: TaskStatus): string | null => {
  const why = whyEnded(task);
  switch (groupNameOf(task)) {
    case 'completed':
      return null;
    case 'warning':
      return `<system-out>completed with warnings: ${escapeXml(why)}</system-out>`;
    case 'failed':
      return `<failure${attributes({ message: why, type: 'failed' })}/>`;
    case 'timedOut':
      return `<error${attributes({ message: why || 'timed out', type: 'timedOut' })}/>`;
    case 'aborted':
      return `<error${attributes({ message: why || 'aborted', type: 'aborted' })}/>`;
    case 'skipped':
      return `<skipped${attributes({ message: why || 'skipped itself' })}/>`;
    case 'queued':
    case 'running':
      return `<skipped${attributes({ message: 'not ended' })}/>`;
  }
};

/** `0.000` for what never began or has not ended. */
const inSeconds = (from: number | null, to: number | null): string =>
  from === null || to === null ? '0.000' : (Math.max(0, to - from) / 1_000).toFixed(3);

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML 1.0 has no way to write most control characters and half of a pair: they go. */
const escapeXml = (text: string): string =>
  oneLine(text.toWellFormed())
    .replace(/[\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, character => ESCAPES[character] ?? '');
