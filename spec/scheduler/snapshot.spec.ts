import { expect, it } from 'vitest';
import { snapshotOf, stateOf } from '../../src/scheduler/snapshot.ts';
import { cancels, narrow, provisioned, starts, submission, submits } from '../support/builders.ts';
import { play } from '../support/play.ts';

const { state } = play(starts(), submits('ci', narrow(20)), provisioned('node-1'), cancels('ci', 7), cancels('ci', 12));

it('is plain JSON, small whatever is queued, with the submissions left out', () => {
  const text = JSON.stringify(snapshotOf(state));
  expect(JSON.parse(text)).toEqual(snapshotOf(state));
  expect(text).not.toContain('jobfile');
  expect(text).not.toContain('t19');
});

it('becomes the state again with the submissions from elsewhere', () => {
  const again = stateOf(JSON.parse(JSON.stringify(snapshotOf(state))), () => submission('ci', narrow(20)));
  expect(again).toEqual(state);
});

it('is not read in a version that nobody knows', () => {
  const unknown = { ...snapshotOf(state), version: 3 as 2 };
  expect(() => stateOf(unknown, () => submission('ci', narrow(20)))).toThrow('a snapshot of version 3 can');
});
