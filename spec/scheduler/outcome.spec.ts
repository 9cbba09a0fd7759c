import { expect, it } from 'vitest';
import type { StopReason, TaskOutcome, TaskResult } from '../../src/domain/task.ts';
import { outcomeOf } from '../../src/scheduler/outcome.ts';

const exited = (code: number): TaskResult => ({ type: 'exited', code });
const stopped: TaskResult = { type: 'stopped' };
const broken: TaskResult = { type: 'broken', reason: 'no space left on device' };

it.each<[string, TaskResult, StopReason | null, TaskOutcome]>([
  ['0 is completed', exited(0), null, { type: 'completed' }],
  ['43 is skipped', exited(43), null, { type: 'skipped' }],
  ['42, done with warnings, is failed', exited(42), null, { type: 'failed', exitCode: 42 }],
  ['any other code is failed', exited(1), null, { type: 'failed', exitCode: 1 }],
  [
    'the words of an exit are kept',
    { type: 'exited', code: 137, reason: 'out of memory' },
    null,
    { type: 'failed', exitCode: 137, reason: 'out of memory' },
  ],
  ['no exit of its own is -1', broken, null, { type: 'failed', exitCode: -1, reason: 'no space left on device' }],
  ['stopped after a cancel is aborted', stopped, 'cancel', { type: 'aborted' }],
  ['stopped after a timeout is timed out', stopped, 'timeout', { type: 'timedOut' }],
  ['broken after a cancel is aborted', broken, 'cancel', { type: 'aborted' }],
  ['broken after a timeout is timed out', broken, 'timeout', { type: 'timedOut' }],
  ['its own exit outlives a cancel', exited(0), 'cancel', { type: 'completed' }],
  ['its own exit outlives a timeout', exited(1), 'timeout', { type: 'failed', exitCode: 1 }],
  ['stopped by nobody is failed', stopped, null, { type: 'failed', exitCode: -1, reason: 'stopped, though nobody asked for it' }],
])('%s', (_, result, stop, outcome) => {
  expect(outcomeOf(result, stop)).toEqual(outcome);
});
