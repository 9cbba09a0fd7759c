import { expect, it } from 'vitest';
import { cancels, ends, exits, provisioned, starts, submits } from '../support/builders.ts';
import { after, tell } from '../support/play.ts';

it('cancels a job: what is queued is aborted at once, what runs is told to stop and keeps its slots until it has', () => {
  expect(
    tell(
      starts({ slotsPerNode: 1 }),
      submits('ci', [1, 1, 1]),
      submits('next', [1]),
      provisioned('node-1'),
      after(30),
      cancels('ci'),
      after(10),
      ends('ci', 0, { type: 'stopped' }),
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
    0s > next is submitted: 1 task
      * next scheduled
      * next t0 queued
      ! answer request 1: yes
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * ci t0 running
      ! run ci t0 on node-1
    30s > ci shall be cancelled
      * ci t1 aborted
      * ci t2 aborted
      ! stop task 0 of ci: cancel
      ! answer request 1: yes
    40s > task 0 of ci stopped
      * ci t0 aborted
      * node-1 slot 0 free
      * ci completed
      ! clean up ci t0 on node-1
      * node-1 slot 0 taken by next t0
      * next t0 running
      ! run next t0 on node-1
    "
  `);
});

it('cancels a single queued task ahead of its turn, and goes on behind it', () => {
  expect(
    tell(
      starts({ slotsPerNode: 1 }),
      submits('ci', [1, 1, 1, 1]),
      provisioned('node-1'),
      cancels('ci', 1),
      cancels('ci', 2),
      cancels('ci', 2),
      ends('ci', 0),
      ends('ci', 3),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 1 slot
    0s > ci is submitted: 4 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      * ci t2 queued
      * ci t3 queued
      ! answer request 1: yes
      * node-1 created, 1 slot
      * node-1 provisioning
      ! provision node-1
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * ci t0 running
      ! run ci t0 on node-1
    0s > task 1 of ci shall be cancelled
      * ci t1 aborted
      ! answer request 1: yes
    0s > task 2 of ci shall be cancelled
      * ci t2 aborted
      ! answer request 1: yes
    0s > task 2 of ci shall be cancelled
      ! answer request 1: yes
    0s > task 0 of ci exited with 0
      * ci t0 completed
      * node-1 slot 0 free
      ! clean up ci t0 on node-1
      * node-1 slot 0 taken by ci t3
      * ci t3 running
      ! run ci t3 on node-1
    0s > task 3 of ci exited with 0
      * ci t3 completed
      * node-1 slot 0 free
      * ci completed
      ! clean up ci t3 on node-1
      * node-1 terminating
      ! terminate node-1, attempt 1
    "
  `);
});

it('lets a task that exits by itself after a cancel keep its own exit', () => {
  expect(
    tell(starts({ slotsPerNode: 1 }), submits('ci', [1]), provisioned('node-1'), cancels('ci', 0), exits('ci', 0, 0)),
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
    0s > task 0 of ci shall be cancelled
      ! stop task 0 of ci: cancel
      ! answer request 1: yes
    0s > task 0 of ci exited with 0
      * ci t0 completed
      * node-1 slot 0 free
      * ci completed
      ! clean up ci t0 on node-1
      * node-1 terminating
      ! terminate node-1, attempt 1
    "
  `);
});

it('tells a task to stop once, however often it is cancelled', () => {
  expect(
    tell(
      starts({ slotsPerNode: 1 }),
      submits('ci', [1]),
      provisioned('node-1'),
      cancels('ci', 0, 2),
      cancels('ci', undefined, 3),
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
    0s > task 0 of ci shall be cancelled
      ! stop task 0 of ci: cancel
      ! answer request 2: yes
    0s > ci shall be cancelled
      ! answer request 3: yes
    "
  `);
});

it('completes a job whose tasks are all cancelled before any ran, and drops the node that they asked for', () => {
  expect(
    tell(
      starts({ maxNodes: 2, slotsPerNode: 1, provisioningDelayMs: 20_000 }),
      submits('ci', [1, 1]),
      after(5),
      cancels('ci'),
      after(60),
      provisioned('node-1'),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 2 nodes of 1 slot
    0s > ci is submitted: 2 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      ! answer request 1: yes
      * node-1 created, 1 slot
      * node-2 created, 1 slot
      * node-1 provisioning
      ! provision node-1
    5s > ci shall be cancelled
      * ci t0 aborted
      * ci t1 aborted
      * ci completed
      ! answer request 1: yes
      * node-2 discarded
    65s > node-1 is provisioned
      * node-1 online
      * node-1 terminating
      ! terminate node-1, attempt 1
    "
  `);
});
