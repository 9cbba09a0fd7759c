import { describe, expect, it } from 'vitest';
import type { JobId, NodeId } from '../../src/domain/names.ts';
import { evolve } from '../../src/scheduler/evolve.ts';
import type { FactBody } from '../../src/scheduler/fact.ts';
import { narrow, provisioned, starts, submission, submits } from '../support/builders.ts';
import { play } from '../support/play.ts';

/** Tasks 0 and 1 run on node-1, task 2 is queued. */
const { state } = play(starts(), submits('ci', narrow(3)), provisioned('node-1'));
const job = 'ci' as JobId;
const node = 'node-1' as NodeId;

describe('a fact that does not fit the state is a bug, not a change', () => {
  it.each<[string, FactBody, string]>([
    [
      'a slot given away twice',
      { type: 'taskAssigned', jobId: job, index: 2, nodeId: node, slots: [0] },
      'slot 0 of node node-1 is not free',
    ],
    [
      'a slot that the node does not have',
      { type: 'taskAssigned', jobId: job, index: 2, nodeId: node, slots: [9] },
      'slot 9 of node node-1',
    ],
    [
      'a task out of its turn',
      { type: 'taskAssigned', jobId: job, index: 0, nodeId: node, slots: [0] },
      'task 0 of job ci is not the next one',
    ],
    ['a task that never got slots', { type: 'taskStarted', jobId: job, index: 2, nodeId: node }, 'task ci/2 is not in the state'],
    ['a node that nobody made', { type: 'nodeOnline', nodeId: 'node-9' as NodeId }, 'node node-9 is not in the state'],
    [
      'a job that was there before',
      { type: 'jobScheduled', jobId: job, submission: submission('ci', narrow(1)) },
      'job ci is in the state already',
    ],
    [
      'tasks of a job that is not there',
      { type: 'queuedTasksAborted', jobId: 'ic' as JobId, ranges: [[0, 1]], reason: null },
      'job ic is not in the state',
    ],
  ])('%s', (_, body, message) => {
    expect(() => evolve(state, { ...body, at: 0 })).toThrow(message);
  });
});

it('changes nothing of the state before it', () => {
  const before = JSON.stringify(state);
  evolve(state, { type: 'taskEnded', at: 0, jobId: job, index: 0, nodeId: node, slots: [0], outcome: { type: 'completed' } });
  expect(JSON.stringify(state)).toBe(before);
});
