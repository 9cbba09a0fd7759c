import { expect, it } from 'vitest';
import {
  ends,
  loses,
  narrow,
  provisioned,
  reachable,
  shutsDown,
  starts,
  submits,
  terminated,
  unreachable,
} from '../support/builders.ts';
import { after, tell } from '../support/play.ts';

it('lets tasks run on where nobody answers, and takes their word when somebody does again', () => {
  expect(
    tell(
      starts({ slotsPerNode: 1 }),
      submits('ci', [1]),
      provisioned('node-1'),
      after(10),
      unreachable('node-1', 'no answer from 10.77.0.12'),
      after(600),
      unreachable('node-1', 'no answer from 10.77.0.12'),
      unreachable('node-1', '10.77.0.12 refused the connection'),
      reachable('node-1'),
      ends('ci', 0),
      reachable('node-1'),
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
    10s > node-1 does not answer: no answer from 10.77.0.12
      * node-1 online: unreachable, no answer from 10.77.0.12
    610s > node-1 does not answer: no answer from 10.77.0.12
    610s > node-1 does not answer: 10.77.0.12 refused the connection
      * node-1 online: unreachable, 10.77.0.12 refused the connection
    610s > node-1 answers
      * node-1 online
    610s > task 0 of ci exited with 0
      * ci t0 completed
      * node-1 slot 0 free
      * ci completed
      ! clean up ci t0 on node-1
      * node-1 terminating
      ! terminate node-1, attempt 1
    610s > node-1 answers
    "
  `);
});

it('takes what waits for its start elsewhere, makes the node that this needs, and gives the silent one nothing new', () => {
  expect(
    tell(
      starts({ maxNodes: 2, slotsPerNode: 2, taskStartupDelayMs: 10_000 }),
      submits('ci', narrow(2)),
      provisioned('node-1'),
      after(1),
      unreachable('node-1'),
      provisioned('node-2'),
      submits('lint', narrow(1)),
      after(30),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 2 nodes of 2 slots
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
    1s > node-1 does not answer: no answer from 10.77.0.12
      * node-1 online: unreachable, no answer from 10.77.0.12
      * node-1 slot 1 free
      * node-2 created, 2 slots
      * node-2 provisioning
      ! provision node-2
    1s > node-2 is provisioned
      * node-2 online
      * node-2 slot 0 taken by ci t1
      * ci t1 running
      ! run ci t1 on node-2
    1s > lint is submitted: 1 task
      * lint scheduled
      * lint t0 queued
      ! answer request 1: yes
      * node-2 slot 1 taken by lint t0
    11s > tick
      * lint t0 running
      ! run lint t0 on node-2
    "
  `);
});

it('uses a node again as soon as it answers', () => {
  expect(
    tell(
      starts({ slotsPerNode: 2 }),
      submits('ci', narrow(1)),
      provisioned('node-1'),
      unreachable('node-1'),
      submits('lint', narrow(1)),
      after(300),
      reachable('node-1'),
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
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * ci t0 running
      ! run ci t0 on node-1
    0s > node-1 does not answer: no answer from 10.77.0.12
      * node-1 online: unreachable, no answer from 10.77.0.12
    0s > lint is submitted: 1 task
      * lint scheduled
      * lint t0 queued
      ! answer request 1: yes
    300s > node-1 answers
      * node-1 online
      * node-1 slot 1 taken by lint t0
      * lint t0 running
      ! run lint t0 on node-1
    "
  `);
});

it('ends a free node that does not answer for as long as a cooldown: another may take its place', () => {
  expect(
    tell(
      starts({ slotsPerNode: 1, nodeIdleTimeoutMs: 3_600_000 }),
      submits('ci', narrow(2)),
      provisioned('node-1'),
      unreachable('node-1'),
      ends('ci', 0),
      after(60),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 1 slot
    0s > ci is submitted: 2 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      ! answer request 1: yes
      * node-1 created, 1 slot
      * node-1 provisioning
      ! provision node-1
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * ci t0 running
      ! run ci t0 on node-1
    0s > node-1 does not answer: no answer from 10.77.0.12
      * node-1 online: unreachable, no answer from 10.77.0.12
    0s > task 0 of ci exited with 0
      * ci t0 completed
      * node-1 slot 0 free
      ! clean up ci t0 on node-1
    60s > tick
      * node-1 terminating
      ! terminate node-1, attempt 1
    "
  `);
});

it('fails the tasks of a silent node once it is known to be gone', () => {
  expect(
    tell(
      starts({ slotsPerNode: 1 }),
      submits('ci', [1]),
      provisioned('node-1'),
      unreachable('node-1'),
      loses('node-1', 'the server was deleted'),
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
    0s > node-1 does not answer: no answer from 10.77.0.12
      * node-1 online: unreachable, no answer from 10.77.0.12
    0s > node-1 is lost: the server was deleted
      * ci t0 failed with -1: its node was lost: the server was deleted
      * node-1 slot 0 free
      * node-1 terminating
      * ci completed
      ! stop task 0 of ci: cancel
      ! terminate node-1, attempt 1
    "
  `);
});

it('asks again after a restart, and believes the answer', () => {
  expect(
    tell(
      starts({ slotsPerNode: 1 }),
      submits('ci', [1, 1]),
      provisioned('node-1'),
      unreachable('node-1'),
      starts({ slotsPerNode: 1 }),
      ends('ci', 0),
      reachable('node-1'),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 1 slot
    0s > ci is submitted: 2 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      ! answer request 1: yes
      * node-1 created, 1 slot
      * node-1 provisioning
      ! provision node-1
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * ci t0 running
      ! run ci t0 on node-1
    0s > node-1 does not answer: no answer from 10.77.0.12
      * node-1 online: unreachable, no answer from 10.77.0.12
    0s > the server starts: at most 1 node of 1 slot
      ! connect node-1
      ! run ci t0 on node-1
    0s > task 0 of ci exited with 0
      * ci t0 completed
      * node-1 slot 0 free
      ! clean up ci t0 on node-1
    0s > node-1 answers
      * node-1 online
      * node-1 slot 0 taken by ci t1
      * ci t1 running
      ! run ci t1 on node-1
    "
  `);
});

it('shuts down with what a silent node says at last', () => {
  expect(
    tell(starts({ slotsPerNode: 1 }), submits('ci', [1]), provisioned('node-1'), unreachable('node-1'), shutsDown, ends('ci', 0)),
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
    0s > node-1 does not answer: no answer from 10.77.0.12
      * node-1 online: unreachable, no answer from 10.77.0.12
    0s > the server shall stop
      ! stop task 0 of ci: cancel
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

it('shuts down though no answer ever comes: after a cooldown, the node is given up with its tasks', () => {
  expect(
    tell(
      starts({ slotsPerNode: 1 }),
      submits('ci', [1]),
      provisioned('node-1'),
      unreachable('node-1'),
      after(10),
      shutsDown,
      after(60),
      ends('ci', 0, { type: 'stopped' }),
      terminated('node-1'),
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
    0s > node-1 does not answer: no answer from 10.77.0.12
      * node-1 online: unreachable, no answer from 10.77.0.12
    10s > the server shall stop
      ! stop task 0 of ci: cancel
    60s > tick
      * ci t0 aborted
      * node-1 slot 0 free
      * node-1 terminating
      * ci completed
      ! stop task 0 of ci: cancel
      ! terminate node-1, attempt 1
    70s > task 0 of ci stopped
    70s > node-1 is gone, by attempt 1
      * node-1 terminated
      * node-1 has left the pool
    "
  `);
});
