import { expect, it } from 'vitest';
import {
  cancels,
  ends,
  narrow,
  provisioned,
  provisioningFails,
  starts,
  submits,
  terminated,
  terminationFails,
} from '../support/builders.ts';
import { after, tell } from '../support/play.ts';

it('grows with the queue, a node at a time, up to the limit', () => {
  expect(
    tell(
      starts({ maxNodes: 3, slotsPerNode: 2, provisioningDelayMs: 20_000 }),
      submits('ci', narrow(8)),
      after(30),
      provisioned('node-1'),
      after(30),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 3 nodes of 2 slots
    0s > ci is submitted: 8 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      * ci t2 queued
      * ci t3 queued
      * ci t4 queued
      * ci t5 queued
      * ci t6 queued
      * ci t7 queued
      ! answer request 1: yes
      * node-1 created, 2 slots
      * node-2 created, 2 slots
      * node-3 created, 2 slots
      * node-1 provisioning
      ! provision node-1
    20s > tick
      * node-2 provisioning
      ! provision node-2
    30s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * node-1 slot 1 taken by ci t1
      * ci t0 running
      * ci t1 running
      ! run ci t0 on node-1
      ! run ci t1 on node-1
    40s > tick
      * node-3 provisioning
      ! provision node-3
    "
  `);
});

it('drops queued nodes, the newest first, when the queue got shorter before their time came', () => {
  expect(
    tell(
      starts({ maxNodes: 4, slotsPerNode: 1, provisioningDelayMs: 20_000 }),
      submits('ci', narrow(4)),
      after(5),
      cancels('ci', 2),
      cancels('ci', 3),
      after(60),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 4 nodes of 1 slot
    0s > ci is submitted: 4 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      * ci t2 queued
      * ci t3 queued
      ! answer request 1: yes
      * node-1 created, 1 slot
      * node-2 created, 1 slot
      * node-3 created, 1 slot
      * node-4 created, 1 slot
      * node-1 provisioning
      ! provision node-1
    5s > task 2 of ci shall be cancelled
      * ci t2 aborted
      ! answer request 1: yes
      * node-4 discarded
    5s > task 3 of ci shall be cancelled
      * ci t3 aborted
      ! answer request 1: yes
      * node-3 discarded
    20s > tick
      * node-2 provisioning
      ! provision node-2
    "
  `);
});

it('delays no node when the last one was made long ago', () => {
  expect(
    tell(
      starts({ maxNodes: 2, slotsPerNode: 1, provisioningDelayMs: 20_000 }),
      submits('first', [1]),
      provisioned('node-1'),
      after(120),
      submits('second', [1]),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 2 nodes of 1 slot
    0s > first is submitted: 1 task
      * first scheduled
      * first t0 queued
      ! answer request 1: yes
      * node-1 created, 1 slot
      * node-1 provisioning
      ! provision node-1
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by first t0
      * first t0 running
      ! run first t0 on node-1
    120s > second is submitted: 1 task
      * second scheduled
      * second t0 queued
      ! answer request 1: yes
      * node-2 created, 1 slot
      * node-2 provisioning
      ! provision node-2
    "
  `);
});

it('shrinks when nothing is queued, and keeps the nodes that are busy', () => {
  expect(
    tell(
      starts({ maxNodes: 2, slotsPerNode: 2 }),
      submits('ci', narrow(4)),
      provisioned('node-1'),
      provisioned('node-2'),
      ends('ci', 0),
      ends('ci', 1),
      ends('ci', 2),
      terminated('node-1'),
      ends('ci', 3),
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
    0s > task 0 of ci exited with 0
      * ci t0 completed
      * node-1 slot 0 free
      ! clean up ci t0 on node-1
    0s > task 1 of ci exited with 0
      * ci t1 completed
      * node-1 slot 1 free
      ! clean up ci t1 on node-1
      * node-1 terminating
      ! terminate node-1, attempt 1
    0s > task 2 of ci exited with 0
      * ci t2 completed
      * node-2 slot 0 free
      ! clean up ci t2 on node-2
    0s > node-1 is gone, by attempt 1
      * node-1 terminated
      * node-1 has left the pool
    0s > task 3 of ci exited with 0
      * ci t3 completed
      * node-2 slot 1 free
      * ci completed
      ! clean up ci t3 on node-2
      * node-2 terminating
      ! terminate node-2, attempt 1
    "
  `);
});

it('keeps a free node for the idle time, and gives it to who comes in time', () => {
  expect(
    tell(
      starts({ slotsPerNode: 1, nodeIdleTimeoutMs: 300_000 }),
      submits('first', [1]),
      provisioned('node-1'),
      ends('first', 0),
      after(299),
      submits('second', [1]),
      ends('second', 0),
      after(301),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 1 slot
    0s > first is submitted: 1 task
      * first scheduled
      * first t0 queued
      ! answer request 1: yes
      * node-1 created, 1 slot
      * node-1 provisioning
      ! provision node-1
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by first t0
      * first t0 running
      ! run first t0 on node-1
    0s > task 0 of first exited with 0
      * first t0 completed
      * node-1 slot 0 free
      * first completed
      ! clean up first t0 on node-1
    299s > second is submitted: 1 task
      * second scheduled
      * second t0 queued
      ! answer request 1: yes
      * node-1 slot 0 taken by second t0
      * second t0 running
      ! run second t0 on node-1
    299s > task 0 of second exited with 0
      * second t0 completed
      * node-1 slot 0 free
      * second completed
      ! clean up second t0 on node-1
    599s > tick
      * node-1 terminating
      ! terminate node-1, attempt 1
    "
  `);
});

it('discards a node that could not be provisioned after the cooldown, and only then makes another in its place', () => {
  expect(
    tell(
      starts({ provisioningFailureCooldownMs: 60_000 }),
      submits('ci', [1]),
      after(10),
      provisioningFails('node-1', 'No valid host was found'),
      after(60),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 2 slots
    0s > ci is submitted: 1 task
      * ci scheduled
      * ci t0 queued
      ! answer request 1: yes
      * node-1 created, 2 slots
      * node-1 provisioning
      ! provision node-1
    10s > node-1 could not be provisioned: No valid host was found
      * node-1 failedProvisioning: No valid host was found
    70s > tick
      * node-1 discarded
      * node-2 created, 2 slots
      * node-2 provisioning
      ! provision node-2
    "
  `);
});

it('tries three times to terminate a node, the cooldown apart, and then goes on without it', () => {
  expect(
    tell(
      starts({ maxNodes: 1, slotsPerNode: 1, provisioningFailureCooldownMs: 60_000 }),
      submits('ci', [1]),
      provisioned('node-1'),
      ends('ci', 0),
      terminationFails('node-1', 1),
      after(60),
      terminationFails('node-1', 2),
      terminationFails('node-1', 2),
      after(60),
      submits('next', [1]),
      terminationFails('node-1', 3),
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
    0s > task 0 of ci exited with 0
      * ci t0 completed
      * node-1 slot 0 free
      * ci completed
      ! clean up ci t0 on node-1
      * node-1 terminating
      ! terminate node-1, attempt 1
    0s > node-1 could not be terminated, attempt 1: the cloud is down
    60s > tick
      ! terminate node-1, attempt 2
    60s > node-1 could not be terminated, attempt 2: the cloud is down
    60s > node-1 could not be terminated, attempt 2: the cloud is down
    120s > tick
      ! terminate node-1, attempt 3
    120s > next is submitted: 1 task
      * next scheduled
      * next t0 queued
      ! answer request 1: yes
    120s > node-1 could not be terminated, attempt 3: the cloud is down
      * node-1 failedTerminating: the cloud is down
      * node-2 created, 1 slot
      * node-2 provisioning
      ! provision node-2
    "
  `);
});
