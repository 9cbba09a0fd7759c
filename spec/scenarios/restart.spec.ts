import { expect, it } from 'vitest';
import { cancels, ends, loses, narrow, provisioned, starts, submits, terminated } from '../support/builders.ts';
import { after, tell } from '../support/play.ts';

it('takes up what was under way: nodes are connected, provisioned and terminated on, tasks run on, told to stop where they were', () => {
  expect(
    tell(
      starts({ maxNodes: 3, slotsPerNode: 1 }),
      submits('old', [1, 1]),
      provisioned('node-1'),
      provisioned('node-2'),
      ends('old', 0),
      submits('ci', [1]),
      cancels('old', 1),
      after(5),
      starts({ maxNodes: 3, slotsPerNode: 1 }),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 3 nodes of 1 slot
    0s > old is submitted: 2 tasks
      * old scheduled
      * old t0 queued
      * old t1 queued
      ! answer request 1: yes
      * node-1 created, 1 slot
      * node-2 created, 1 slot
      * node-1 provisioning
      * node-2 provisioning
      ! provision node-1
      ! provision node-2
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by old t0
      * old t0 running
      ! run old t0 on node-1
    0s > node-2 is provisioned
      * node-2 online
      * node-2 slot 0 taken by old t1
      * old t1 running
      ! run old t1 on node-2
    0s > task 0 of old exited with 0
      * old t0 completed
      * node-1 slot 0 free
      ! clean up old t0 on node-1
      * node-1 terminating
      ! terminate node-1, attempt 1
    0s > ci is submitted: 1 task
      * ci scheduled
      * ci t0 queued
      ! answer request 1: yes
      * node-3 created, 1 slot
      * node-3 provisioning
      ! provision node-3
    0s > task 1 of old shall be cancelled
      ! stop task 1 of old: cancel
      ! answer request 1: yes
    5s > the server starts: at most 3 nodes of 1 slot
      ! terminate node-1, attempt 1
      ! connect node-2
      ! provision node-3
      ! run old t1 on node-2
      ! stop task 1 of old: cancel
    "
  `);
});

it('keeps what is queued, and the startup delay', () => {
  expect(
    tell(
      starts({ slotsPerNode: 2, taskStartupDelayMs: 10_000 }),
      submits('ci', narrow(3)),
      provisioned('node-1'),
      after(4),
      starts({ slotsPerNode: 2, taskStartupDelayMs: 10_000 }),
      after(60),
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
    4s > the server starts: at most 1 node of 2 slots
      ! connect node-1
      ! run ci t0 on node-1
    10s > tick
      * ci t1 running
      ! run ci t1 on node-1
    "
  `);
});

it('aborts queued tasks that no node is wide enough for any more, and lets wider nodes end when they are free', () => {
  expect(
    tell(
      starts({ slotsPerNode: 4 }),
      submits('ci', [4, 4, 2]),
      provisioned('node-1'),
      after(5),
      starts({ slotsPerNode: 2 }),
      ends('ci', 0),
      terminated('node-1'),
      provisioned('node-2'),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 4 slots
    0s > ci is submitted: 3 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      * ci t2 queued
      ! answer request 1: yes
      * node-1 created, 4 slots
      * node-1 provisioning
      ! provision node-1
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * node-1 slot 1 taken by ci t0
      * node-1 slot 2 taken by ci t0
      * node-1 slot 3 taken by ci t0
      * ci t0 running
      ! run ci t0 on node-1
    5s > the server starts: at most 1 node of 2 slots
      * ci t1 aborted: asks for more slots than a node has since the server was started with 2 per node
      ! connect node-1
      ! run ci t0 on node-1
    5s > task 0 of ci exited with 0
      * ci t0 completed
      * node-1 slot 0 free
      * node-1 slot 1 free
      * node-1 slot 2 free
      * node-1 slot 3 free
      ! clean up ci t0 on node-1
      * node-1 terminating
      ! terminate node-1, attempt 1
    5s > node-1 is gone, by attempt 1
      * node-1 terminated
      * node-1 has left the pool
      * node-2 created, 2 slots
      * node-2 provisioning
      ! provision node-2
    5s > node-2 is provisioned
      * node-2 online
      * node-2 slot 0 taken by ci t2
      * node-2 slot 1 taken by ci t2
      * ci t2 running
      ! run ci t2 on node-2
    "
  `);
});

it('makes no new node while there are more than a lowered limit allows, and kills none that is busy', () => {
  expect(
    tell(
      starts({ maxNodes: 2, slotsPerNode: 1 }),
      submits('ci', narrow(4)),
      provisioned('node-1'),
      provisioned('node-2'),
      after(5),
      starts({ maxNodes: 1, slotsPerNode: 1 }),
      ends('ci', 0),
      ends('ci', 1),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 2 nodes of 1 slot
    0s > ci is submitted: 4 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      * ci t2 queued
      * ci t3 queued
      ! answer request 1: yes
      * node-1 created, 1 slot
      * node-2 created, 1 slot
      * node-1 provisioning
      * node-2 provisioning
      ! provision node-1
      ! provision node-2
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * ci t0 running
      ! run ci t0 on node-1
    0s > node-2 is provisioned
      * node-2 online
      * node-2 slot 0 taken by ci t1
      * ci t1 running
      ! run ci t1 on node-2
    5s > the server starts: at most 1 node of 1 slot
      ! connect node-1
      ! connect node-2
      ! run ci t0 on node-1
      ! run ci t1 on node-2
    5s > task 0 of ci exited with 0
      * ci t0 completed
      * node-1 slot 0 free
      ! clean up ci t0 on node-1
      * node-1 slot 0 taken by ci t2
      * ci t2 running
      ! run ci t2 on node-1
    5s > task 1 of ci exited with 0
      * ci t1 completed
      * node-2 slot 0 free
      ! clean up ci t1 on node-2
      * node-2 slot 0 taken by ci t3
      * ci t3 running
      ! run ci t3 on node-2
    "
  `);
});

it('holds tasks that ran through the downtime to the timeout of today', () => {
  expect(
    tell(
      starts({ slotsPerNode: 1 }),
      submits('ci', [1]),
      provisioned('node-1'),
      after(600),
      starts({ slotsPerNode: 1, taskTimeoutMs: 300_000 }),
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
    600s > the server starts: at most 1 node of 1 slot
      ! connect node-1
      ! run ci t0 on node-1
      ! stop task 0 of ci: timeout
    "
  `);
});

it('fails the tasks that ran on a lost node, queues those again that had not started, and ends the node', () => {
  expect(
    tell(
      starts({ slotsPerNode: 3, taskStartupDelayMs: 10_000 }),
      submits('ci', [1, 1, 1, 1]),
      submits('next', [1]),
      provisioned('node-1'),
      after(5),
      loses('node-1', 'no such server'),
      ends('ci', 0, { type: 'stopped' }),
      terminated('node-1'),
      provisioned('node-2'),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 3 slots
    0s > ci is submitted: 4 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      * ci t2 queued
      * ci t3 queued
      ! answer request 1: yes
      * node-1 created, 3 slots
      * node-1 provisioning
      ! provision node-1
    0s > next is submitted: 1 task
      * next scheduled
      * next t0 queued
      ! answer request 1: yes
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * node-1 slot 1 taken by ci t1
      * node-1 slot 2 taken by ci t2
      * ci t0 running
      ! run ci t0 on node-1
    5s > node-1 is lost: no such server
      * ci t0 failed with -1: its node was lost: no such server
      * node-1 slot 0 free
      * node-1 slot 1 free
      * node-1 slot 2 free
      * node-1 terminating
      ! stop task 0 of ci: cancel
      ! terminate node-1, attempt 1
    5s > task 0 of ci stopped
    5s > node-1 is gone, by attempt 1
      * node-1 terminated
      * node-1 has left the pool
      * node-2 created, 3 slots
      * node-2 provisioning
      ! provision node-2
    5s > node-2 is provisioned
      * node-2 online
      * node-2 slot 0 taken by ci t1
      * node-2 slot 1 taken by ci t2
      * node-2 slot 2 taken by ci t3
      * ci t1 running
      ! run ci t1 on node-2
    "
  `);
});

it('aborts a task whose node got lost before its start when nodes have become too narrow for it meanwhile', () => {
  expect(
    tell(
      starts({ slotsPerNode: 4, taskStartupDelayMs: 10_000 }),
      submits('ci', [1, 3]),
      provisioned('node-1'),
      after(5),
      starts({ slotsPerNode: 2, taskStartupDelayMs: 10_000 }),
      loses('node-1'),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 4 slots
    0s > ci is submitted: 2 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      ! answer request 1: yes
      * node-1 created, 4 slots
      * node-1 provisioning
      ! provision node-1
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * node-1 slot 1 taken by ci t1
      * node-1 slot 2 taken by ci t1
      * node-1 slot 3 taken by ci t1
      * ci t0 running
      ! run ci t0 on node-1
    5s > the server starts: at most 1 node of 2 slots
      ! connect node-1
      ! run ci t0 on node-1
    5s > node-1 is lost: no such server
      * ci t0 failed with -1: its node was lost: no such server
      * node-1 slot 0 free
      * node-1 slot 1 free
      * node-1 slot 2 free
      * node-1 slot 3 free
      * ci t1 aborted: asks for more slots than a node has since the server was started with 2 per node
      * node-1 terminating
      * ci completed
      ! stop task 0 of ci: cancel
      ! terminate node-1, attempt 1
    "
  `);
});
