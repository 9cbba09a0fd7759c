import { expect, it } from 'vitest';
import { cancels, ends, provisioned, starts, submits } from '../support/builders.ts';
import { after, tell } from '../support/play.ts';

it('takes the slots at once, and starts the tasks of one node apart', () => {
  expect(
    tell(
      starts({ maxNodes: 2, slotsPerNode: 3, taskStartupDelayMs: 1_000 }),
      submits('ci', [1, 1, 1, 1]),
      provisioned('node-1'),
      after(0.5),
      provisioned('node-2'),
      after(10),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 2 nodes of 3 slots
    0s > ci is submitted: 4 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      * ci t2 queued
      * ci t3 queued
      ! answer request 1: yes
      * node-1 created, 3 slots
      * node-2 created, 3 slots
      * node-1 provisioning
      * node-2 provisioning
      ! provision node-1
      ! provision node-2
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * node-1 slot 1 taken by ci t1
      * node-1 slot 2 taken by ci t2
      * ci t0 running
      ! run ci t0 on node-1
    0.5s > node-2 is provisioned
      * node-2 online
      * node-2 slot 0 taken by ci t3
      * ci t3 running
      ! run ci t3 on node-2
    1s > tick
      * ci t1 running
      ! run ci t1 on node-1
    2s > tick
      * ci t2 running
      ! run ci t2 on node-1
    "
  `);
});

it('measures from the last start, however long ago: a node that was quiet starts the next task at once', () => {
  expect(
    tell(
      starts({ slotsPerNode: 1, taskStartupDelayMs: 1_000 }),
      submits('ci', [1, 1, 1]),
      provisioned('node-1'),
      after(60),
      ends('ci', 0),
      after(0.4),
      ends('ci', 1),
      after(1),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 1 slot
    0s > ci is submitted: 3 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      * ci t2 queued
      ! answer request 1: yes
      * node-1 created, 1 slot
      * node-1 provisioning
      ! provision node-1
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * ci t0 running
      ! run ci t0 on node-1
    60s > task 0 of ci exited with 0
      * ci t0 completed
      * node-1 slot 0 free
      ! clean up ci t0 on node-1
      * node-1 slot 0 taken by ci t1
      * ci t1 running
      ! run ci t1 on node-1
    60.4s > task 1 of ci exited with 0
      * ci t1 completed
      * node-1 slot 0 free
      ! clean up ci t1 on node-1
      * node-1 slot 0 taken by ci t2
    61s > tick
      * ci t2 running
      ! run ci t2 on node-1
    "
  `);
});

it('never runs a task that is cancelled while it waits for its start', () => {
  expect(
    tell(
      starts({ taskStartupDelayMs: 1_000 }),
      submits('ci', [1, 1, 1]),
      provisioned('node-1'),
      after(0.5),
      cancels('ci', 1),
      after(10),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 2 slots
    0s > ci is submitted: 3 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      * ci t2 queued
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
    0.5s > task 1 of ci shall be cancelled
      * ci t1 aborted
      * node-1 slot 1 free
      ! answer request 1: yes
      * node-1 slot 1 taken by ci t2
    1s > tick
      * ci t2 running
      ! run ci t2 on node-1
    "
  `);
});
