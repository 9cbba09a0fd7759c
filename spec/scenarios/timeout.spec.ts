import { expect, it } from 'vitest';
import { cancels, ends, exits, provisioned, starts, submits } from '../support/builders.ts';
import { after, tell } from '../support/play.ts';

const HOUR = { slotsPerNode: 1, taskTimeoutMs: 3_600_000 };

it('tells a task to stop when its time is over, and says so', () => {
  expect(
    tell(starts(HOUR), submits('ci', [1]), provisioned('node-1'), after(3_700), ends('ci', 0, { type: 'stopped' })),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 1 slot
    0s > ci is submitted: 1 task
      * ci scheduled
      * ci t0 queued
      ! answer request 1: yes
      * node-1 created, 1 slot
      * node-1 provisioning
      ! provision node-1
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * ci t0 running
      ! run ci t0 on node-1
    3600s > tick
      ! stop task 0 of ci: timeout
    3700s > task 0 of ci stopped
      * ci t0 timed out
      * node-1 slot 0 free
      * ci completed
      ! clean up ci t0 on node-1
      * node-1 terminating
      ! terminate node-1, attempt 1
    "
  `);
});

it('starts the clock with the work, not with the wait for its start', () => {
  expect(
    tell(
      starts({ slotsPerNode: 2, taskTimeoutMs: 60_000, taskStartupDelayMs: 45_000 }),
      submits('ci', [1, 1]),
      provisioned('node-1'),
      after(120),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 2 slots
    0s > ci is submitted: 2 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      ! answer request 1: yes
      * node-1 created, 2 slots
      * node-1 provisioning
      ! provision node-1
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * node-1 slot 1 taken by ci t1
      * ci t0 running
      ! run ci t0 on node-1
    45s > tick
      * ci t1 running
      ! run ci t1 on node-1
    60s > tick
      ! stop task 0 of ci: timeout
    105s > tick
      ! stop task 1 of ci: timeout
    "
  `);
});

it('lets a cancel outrank the timeout when both happen', () => {
  expect(
    tell(
      starts(HOUR),
      submits('ci', [1]),
      provisioned('node-1'),
      after(3_600),
      cancels('ci', 0),
      after(10),
      ends('ci', 0, { type: 'stopped' }),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 1 slot
    0s > ci is submitted: 1 task
      * ci scheduled
      * ci t0 queued
      ! answer request 1: yes
      * node-1 created, 1 slot
      * node-1 provisioning
      ! provision node-1
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * ci t0 running
      ! run ci t0 on node-1
    3600s > tick
      ! stop task 0 of ci: timeout
    3600s > task 0 of ci shall be cancelled
      ! stop task 0 of ci: cancel
      ! answer request 1: yes
    3610s > task 0 of ci stopped
      * ci t0 aborted
      * node-1 slot 0 free
      * ci completed
      ! clean up ci t0 on node-1
      * node-1 terminating
      ! terminate node-1, attempt 1
    "
  `);
});

it('does not let the timeout overrule a cancel that came first', () => {
  expect(
    tell(
      starts(HOUR),
      submits('ci', [1]),
      provisioned('node-1'),
      after(3_595),
      cancels('ci', 0),
      after(10),
      ends('ci', 0, { type: 'broken', reason: 'the container would not go' }),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 1 slot
    0s > ci is submitted: 1 task
      * ci scheduled
      * ci t0 queued
      ! answer request 1: yes
      * node-1 created, 1 slot
      * node-1 provisioning
      ! provision node-1
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * ci t0 running
      ! run ci t0 on node-1
    3595s > task 0 of ci shall be cancelled
      ! stop task 0 of ci: cancel
      ! answer request 1: yes
    3605s > task 0 of ci broke: the container would not go
      * ci t0 aborted
      * node-1 slot 0 free
      * ci completed
      ! clean up ci t0 on node-1
      * node-1 terminating
      ! terminate node-1, attempt 1
    "
  `);
});

it('lets a task that exits by itself after its timeout keep its own exit', () => {
  expect(tell(starts(HOUR), submits('ci', [1]), provisioned('node-1'), after(3_600), exits('ci', 0, 1))).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 1 slot
    0s > ci is submitted: 1 task
      * ci scheduled
      * ci t0 queued
      ! answer request 1: yes
      * node-1 created, 1 slot
      * node-1 provisioning
      ! provision node-1
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * ci t0 running
      ! run ci t0 on node-1
    3600s > tick
      ! stop task 0 of ci: timeout
    3600s > task 0 of ci exited with 1
      * ci t0 failed with 1
      * node-1 slot 0 free
      * ci completed
      ! clean up ci t0 on node-1
      * node-1 terminating
      ! terminate node-1, attempt 1
    "
  `);
});
