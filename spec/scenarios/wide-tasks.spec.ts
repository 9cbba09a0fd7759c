import { expect, it } from 'vitest';
import { ends, narrow, provisioned, starts, submits } from '../support/builders.ts';
import { after, tell } from '../support/play.ts';

it('gives a wide task the first free slots of the first node that has enough', () => {
  expect(
    tell(
      starts({ maxNodes: 2, slotsPerNode: 3 }),
      submits('ci', [1, 1, 3, 2]),
      provisioned('node-1'),
      provisioned('node-2'),
      ends('ci', 0),
      ends('ci', 1),
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
      * ci t0 running
      * ci t1 running
      ! run ci t0 on node-1
      ! run ci t1 on node-1
    0s > node-2 is provisioned
      * node-2 online
      * node-2 slot 0 taken by ci t2
      * node-2 slot 1 taken by ci t2
      * node-2 slot 2 taken by ci t2
      * ci t2 running
      ! run ci t2 on node-2
    0s > task 0 of ci exited with 0
      * ci t0 completed
      * node-1 slot 0 free
      ! clean up ci t0 on node-1
      * node-1 slot 0 taken by ci t3
      * node-1 slot 2 taken by ci t3
      * ci t3 running
      ! run ci t3 on node-1
    0s > task 1 of ci exited with 0
      * ci t1 completed
      * node-1 slot 1 free
      ! clean up ci t1 on node-1
    "
  `);
});

it('drains one node for a wide task when the free slots are scattered, and lets those behind it go on elsewhere', () => {
  expect(
    tell(
      starts({ maxNodes: 2, slotsPerNode: 2 }),
      submits('ci', narrow(4)),
      provisioned('node-1'),
      provisioned('node-2'),
      submits('wide', [2]),
      submits('behind', narrow(3)),
      after(1),
      ends('ci', 0),
      after(1),
      ends('ci', 2),
      after(1),
      ends('ci', 1),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 2 nodes of 2 slots
    0s > ci is submitted: 4 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      * ci t2 queued
      * ci t3 queued
      ! answer request 1: yes
      * node-1 created, 2 slots
      * node-2 created, 2 slots
      * node-1 provisioning
      * node-2 provisioning
      ! provision node-1
      ! provision node-2
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * node-1 slot 1 taken by ci t1
      * ci t0 running
      * ci t1 running
      ! run ci t0 on node-1
      ! run ci t1 on node-1
    0s > node-2 is provisioned
      * node-2 online
      * node-2 slot 0 taken by ci t2
      * node-2 slot 1 taken by ci t3
      * ci t2 running
      * ci t3 running
      ! run ci t2 on node-2
      ! run ci t3 on node-2
    0s > wide is submitted: 1 task
      * wide scheduled
      * wide t0 queued
      ! answer request 1: yes
    0s > behind is submitted: 3 tasks
      * behind scheduled
      * behind t0 queued
      * behind t1 queued
      * behind t2 queued
      ! answer request 1: yes
    1s > task 0 of ci exited with 0
      * ci t0 completed
      * node-1 slot 0 free
      ! clean up ci t0 on node-1
    2s > task 2 of ci exited with 0
      * ci t2 completed
      * node-2 slot 0 free
      ! clean up ci t2 on node-2
      * node-2 slot 0 taken by behind t0
      * behind t0 running
      ! run behind t0 on node-2
    3s > task 1 of ci exited with 0
      * ci t1 completed
      * node-1 slot 1 free
      ! clean up ci t1 on node-1
      * node-1 slot 0 taken by wide t0
      * node-1 slot 1 taken by wide t0
      * wide t0 running
      ! run wide t0 on node-1
    "
  `);
});
