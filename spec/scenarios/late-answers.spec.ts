import { expect, it } from 'vitest';
import {
  ends,
  exits,
  loses,
  narrow,
  provisioned,
  provisioningFails,
  starts,
  submits,
  terminated,
  terminationFails,
  type Untimed,
} from '../support/builders.ts';
import { play } from '../support/play.ts';

/** node-1 runs task 0 and has task 1 waiting for its start; node-2 is being provisioned; task 3 is queued. */
const story = [starts({ maxNodes: 2, taskStartupDelayMs: 1_000 }), submits('ci', narrow(4)), provisioned('node-1')] as const;

it.each<[string, Untimed]>([
  ['an end of a task that waits for its start', ends('ci', 1)],
  ['an end of a task that is queued', ends('ci', 3)],
  ['an end of a task that the job does not have', ends('ci', 9)],
  ['an end in a job that nobody knows', ends('ic', 0)],
  ['a node that is online already', provisioned('node-1')],
  ['a node that nobody made', provisioned('node-9')],
  ['a failed provisioning of a node that is online', provisioningFails('node-1')],
  ['an end of a node that nobody terminates', terminated('node-1')],
  ['a failed termination of a node that nobody terminates', terminationFails('node-1', 1)],
  ['the loss of a node that is not there yet', loses('node-2')],
  ['the loss of a node that nobody made', loses('node-9')],
])('changes nothing by %s', (_, answer) => {
  const before = play(...story);
  const then = play(...story, answer);
  expect(then.facts).toEqual(before.facts);
  expect(then.effects).toEqual(before.effects);
  expect(then.state).toEqual(before.state);
});

it('ends a task once, however often its end is told', () => {
  const { events } = play(...story, exits('ci', 0, 1), exits('ci', 0, 0));
  expect(events.filter(({ type }) => type === 'taskFailed' || type === 'taskCompleted')).toEqual([
    { type: 'taskFailed', jobId: 'ci', name: 't0', exitCode: 1, reason: null },
  ]);
});
