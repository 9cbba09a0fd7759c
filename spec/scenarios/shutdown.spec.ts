import { expect, it } from 'vitest';
import {
  ends,
  narrow,
  provisioned,
  provisioningFails,
  shutsDown,
  starts,
  submits,
  terminated,
  terminationFails,
} from '../support/builders.ts';
import { after, play, tell } from '../support/play.ts';

it('aborts what is queued, stops what runs, gives up the nodes to come, and ends the others when they are free', () => {
  expect(
    tell(
      starts({ maxNodes: 3, slotsPerNode: 2, taskStartupDelayMs: 1_000, provisioningDelayMs: 20_000 }),
      submits('ci', narrow(6)),
      provisioned('node-1'),
      after(20),
      shutsDown,
      ends('ci', 0, { type: 'stopped' }),
      provisioningFails('node-2', 'cancelled'),
      ends('ci', 1, { type: 'stopped' }),
      terminated('node-1'),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 3 nodes of 2 slots
    0s > ci is submitted: 6 tasks
      * ci scheduled
      * ci t0 queued
      * ci t1 queued
      * ci t2 queued
      * ci t3 queued
      * ci t4 queued
      * ci t5 queued
      ! answer request 1: yes
      * node-1 created, 2 slots
      * node-2 created, 2 slots
      * node-3 created, 2 slots
      * node-1 provisioning
      ! provision node-1
    0s > node-1 is provisioned
      * node-1 online
      * node-1 slot 0 taken by ci t0
      * node-1 slot 1 taken by ci t1
      * ci t0 running
      ! run ci t0 on node-1
    1s > tick
      * ci t1 running
      ! run ci t1 on node-1
    20s > tick
      * node-2 provisioning
      ! provision node-2
    20s > the server shall stop
      * ci t2 aborted
      * ci t3 aborted
      * ci t4 aborted
      * ci t5 aborted
      * node-3 discarded
      ! stop task 0 of ci: cancel
      ! stop task 1 of ci: cancel
      ! cancel the provisioning of node-2
    20s > task 0 of ci stopped
      * ci t0 aborted
      * node-1 slot 0 free
      ! clean up ci t0 on node-1
    20s > node-2 could not be provisioned: cancelled
      * node-2 failedProvisioning: cancelled
      * node-2 discarded
    20s > task 1 of ci stopped
      * ci t1 aborted
      * node-1 slot 1 free
      * ci completed
      ! clean up ci t1 on node-1
      * node-1 terminating
      ! terminate node-1, attempt 1
    20s > node-1 is gone, by attempt 1
      * node-1 terminated
      * node-1 has left the pool
    "
  `);
});

it('aborts a task that holds slots and waits for its start', () => {
  expect(
    tell(starts({ taskStartupDelayMs: 1_000 }), submits('ci', narrow(2)), provisioned('node-1'), shutsDown, after(5)),
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
    0s > the server shall stop
      * ci t1 aborted
      * node-1 slot 1 free
      ! stop task 0 of ci: cancel
    "
  `);
});

it('ends a node that came online though its provisioning was cancelled', () => {
  expect(tell(starts(), submits('ci', [1]), shutsDown, provisioned('node-1'), terminated('node-1'))).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 2 slots
    0s > ci is submitted: 1 task
      * ci scheduled
      * ci t0 queued
      ! answer request 1: yes
      * node-1 created, 2 slots
      * node-1 provisioning
      ! provision node-1
    0s > the server shall stop
      * ci t0 aborted
      * ci completed
      ! cancel the provisioning of node-1
    0s > node-1 is provisioned
      * node-1 online
      * node-1 terminating
      ! terminate node-1, attempt 1
    0s > node-1 is gone, by attempt 1
      * node-1 terminated
      * node-1 has left the pool
    "
  `);
});

it('waits for no cooldown and no idle time, and leaves to the next start what it can not end', () => {
  expect(
    tell(
      starts({ slotsPerNode: 1, nodeIdleTimeoutMs: 600_000 }),
      submits('ci', [1]),
      provisioned('node-1'),
      ends('ci', 0),
      shutsDown,
      terminationFails('node-1', 1),
      terminationFails('node-1', 2),
      terminationFails('node-1', 3),
      starts({ slotsPerNode: 1 }),
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
    0s > task 0 of ci exited with 0
      * ci t0 completed
      * node-1 slot 0 free
      * ci completed
      ! clean up ci t0 on node-1
    0s > the server shall stop
      * node-1 terminating
      ! terminate node-1, attempt 1
    0s > node-1 could not be terminated, attempt 1: the cloud is down
      ! terminate node-1, attempt 2
    0s > node-1 could not be terminated, attempt 2: the cloud is down
      ! terminate node-1, attempt 3
    0s > node-1 could not be terminated, attempt 3: the cloud is down
      * node-1 failedTerminating: the cloud is down
    0s > the server starts: at most 1 node of 1 slot
      * node-1 terminating
      ! terminate node-1, attempt 1
    0s > node-1 is gone, by attempt 1
      * node-1 terminated
      * node-1 has left the pool
    "
  `);
});

it('is drained when the last node is gone, not before', () => {
  const story = [starts(), submits('ci', [1]), provisioned('node-1'), shutsDown] as const;
  const stopped = [...story, ends('ci', 0, { type: 'stopped' })] as const;
  expect(play(...story).state.phase).toBe('draining');
  expect(play(...stopped).state.phase).toBe('draining');
  expect(play(...stopped, terminated('node-1')).state.phase).toBe('drained');
});

it('is drained at once when there is nothing to end, and shuts down once however often it is asked', () => {
  const { facts } = play(starts(), shutsDown, shutsDown);
  expect(facts.map(({ type }) => type)).toEqual(['serverStarted', 'drainStarted', 'drained']);
});

it('opens again with the next start', () => {
  expect(play(starts(), shutsDown, starts()).state.phase).toBe('open');
});
