import { expect, it } from 'vitest';
import { describeExit, exitReason } from '../../src/docker/exit-reason.ts';

it.each([
  [0, false, null],
  [0, true, null],
  [1, false, null],
  [42, false, null],
  [127, false, null],
  [129, false, null],
  [137, false, 'killed by SIGKILL'],
  [137, true, 'out of memory'],
  [1, true, 'out of memory'],
  [139, false, 'killed by SIGSEGV'],
  [143, false, 'killed by SIGTERM'],
  [255, false, null],
])('says why a container exited with %i (out of memory: %s): %s', (code, outOfMemory, reason) => {
  expect(exitReason({ code, outOfMemory, engineWasAway: false })).toBe(reason);
});

it('puts the reason behind the code', () => {
  expect(describeExit({ code: 1, outOfMemory: false, engineWasAway: false })).toBe('exited with code 1');
  expect(describeExit({ code: 137, outOfMemory: true, engineWasAway: false })).toBe('exited with code 137 (out of memory)');
});

it('says that the engine went away only of exits that an engine causes', () => {
  const exit = { outOfMemory: false, engineWasAway: true };
  expect(exitReason({ ...exit, code: 143 })).toBe('killed by SIGTERM when the Docker engine went away');
  expect(exitReason({ ...exit, code: 1 })).toBeNull();
  expect(exitReason({ ...exit, code: 139 })).toBe('killed by SIGSEGV');
});
