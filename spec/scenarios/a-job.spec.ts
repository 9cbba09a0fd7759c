import { expect, it } from 'vitest';
import { ends, exits, provisioned, starts, submits, terminated } from '../support/builders.ts';
import { after, tell } from '../support/play.ts';

it('runs a job: a node is made, its slots are filled and filled again, and it ends when nobody needs it', () => {
  expect(
    tell(
      starts(),
      submits('ci', [1, 1, 1]),
      after(5),
      provisioned('node-1'),
      after(30),
      ends('ci', 1),
      after(30),
      exits('ci', 0, 42),
      exits('ci', 2, 43),
      after(2),
      terminated('node-1'),
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
    5s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * node-1 slot 1 taken by ci t1
      * ci t0 running
      * ci t1 running
      ! run ci t0 on node-1
      ! run ci t1 on node-1
    35s > task 1 of ci exited with 0
      * ci t1 completed
      * node-1 slot 1 free
      ! clean up ci t1 on node-1
      * node-1 slot 1 taken by ci t2
      * ci t2 running
      ! run ci t2 on node-1
    65s > task 0 of ci exited with 42
      * ci t0 failed with 42
      * node-1 slot 0 free
      ! clean up ci t0 on node-1
    65s > task 2 of ci exited with 43
      * ci t2 skipped
      * node-1 slot 1 free
      * ci completed
      ! clean up ci t2 on node-1
      * node-1 terminating
      ! terminate node-1, attempt 1
    67s > node-1 is gone, by attempt 1
      * node-1 terminated
      * node-1 has left the pool
    "
  `);
});

it('says how each task ended, and why where a code does not say it', () => {
  expect(
    tell(
      starts({ slotsPerNode: 5 }),
      submits('ci', [1, 1, 1, 1, 1]),
      provisioned('node-1'),
      exits('ci', 0, 0),
      exits('ci', 1, 43),
      ends('ci', 2, { type: 'exited', code: 137, reason: 'out of memory' }),
      ends('ci', 3, { type: 'broken', reason: 'the engine does not answer' }),
      ends('ci', 4, { type: 'stopped' }),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 5 slots
    0s > ci is submitted: 5 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      * ci t2 queued
      * ci t3 queued
      * ci t4 queued
      ! answer request 1: yes
      * node-1 created, 5 slots
      * node-1 provisioning
      ! provision node-1
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * node-1 slot 1 taken by ci t1
      * node-1 slot 2 taken by ci t2
      * node-1 slot 3 taken by ci t3
      * node-1 slot 4 taken by ci t4
      * ci t0 running
      * ci t1 running
      * ci t2 running
      * ci t3 running
      * ci t4 running
      ! run ci t0 on node-1
      ! run ci t1 on node-1
      ! run ci t2 on node-1
      ! run ci t3 on node-1
      ! run ci t4 on node-1
    0s > task 0 of ci exited with 0
      * ci t0 completed
      * node-1 slot 0 free
      ! clean up ci t0 on node-1
    0s > task 1 of ci exited with 43
      * ci t1 skipped
      * node-1 slot 1 free
      ! clean up ci t1 on node-1
    0s > task 2 of ci exited with 137: out of memory
      * ci t2 failed with 137: out of memory
      * node-1 slot 2 free
      ! clean up ci t2 on node-1
    0s > task 3 of ci broke: the engine does not answer
      * ci t3 failed with -1: the engine does not answer
      * node-1 slot 3 free
      ! clean up ci t3 on node-1
    0s > task 4 of ci stopped
      * ci t4 failed with -1: stopped, though nobody asked for it
      * node-1 slot 4 free
      * ci completed
      ! clean up ci t4 on node-1
      * node-1 terminating
      ! terminate node-1, attempt 1
    "
  `);
});

it('reuses a node for the next job', () => {
  expect(
    tell(
      starts({ slotsPerNode: 1 }),
      submits('first', [1]),
      submits('second', [1]),
      provisioned('node-1'),
      after(60),
      ends('first', 0),
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
    0s > second is submitted: 1 task
      * second scheduled
      * second t0 queued
      ! answer request 1: yes
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by first t0
      * first t0 running
      ! run first t0 on node-1
    60s > task 0 of first exited with 0
      * first t0 completed
      * node-1 slot 0 free
      * first completed
      ! clean up first t0 on node-1
      * node-1 slot 0 taken by second t0
      * second t0 running
      ! run second t0 on node-1
    "
  `);
});

it('serves jobs in the order of their submission, tasks in the order of the jobfile', () => {
  expect(
    tell(
      starts({ slotsPerNode: 1 }),
      submits('first', [1, 1]),
      submits('second', [1]),
      provisioned('node-1'),
      ends('first', 0),
      ends('first', 1),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 1 slot
    0s > first is submitted: 2 tasks
      * first scheduled
      * first t0 queued
      * first t1 queued
      ! answer request 1: yes
      * node-1 created, 1 slot
      * node-1 provisioning
      ! provision node-1
    0s > second is submitted: 1 task
      * second scheduled
      * second t0 queued
      ! answer request 1: yes
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by first t0
      * first t0 running
      ! run first t0 on node-1
    0s > task 0 of first exited with 0
      * first t0 completed
      * node-1 slot 0 free
      ! clean up first t0 on node-1
      * node-1 slot 0 taken by first t1
      * first t1 running
      ! run first t1 on node-1
    0s > task 1 of first exited with 0
      * first t1 completed
      * node-1 slot 0 free
      * first completed
      ! clean up first t1 on node-1
      * node-1 slot 0 taken by second t0
      * second t0 running
      ! run second t0 on node-1
    "
  `);
});
