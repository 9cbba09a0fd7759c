import { describe, expect, it } from 'vitest';
import {
  cancels,
  cancelsRest,
  ends,
  exits,
  loses,
  narrow,
  provisioned,
  shutsDown,
  starts,
  submits,
  submitsKeeping,
} from '../support/builders.ts';
import { after as seconds, tell } from '../support/play.ts';

describe('a task that fails in a job whose failed tasks are kept', () => {
  it('is failed at once, holds its slots for that time, and only then makes room and is cleaned up', () => {
    expect(
      tell(
        starts({ slotsPerNode: 1 }),
        submitsKeeping('build-red-fox', 900, narrow(1)),
        provisioned('node-1'),
        submits('lint-blue-owl', narrow(1), 2),
        seconds(10),
        exits('build-red-fox', 0, 3),
        seconds(900),
      ),
    ).toMatchInlineSnapshot(`
      "
      0s > the server starts: at most 1 node of 1 slot
      0s > build-red-fox is submitted: 1 task
        * build-red-fox scheduled
        * build-red-fox t0 queued
        ! answer request 1: yes
        * node-1 created, 1 slot
        * node-1 provisioning
        ! provision node-1
      0s > node-1 is provisioned
        * node-1 online
        * node-1 slot 0 taken by build-red-fox t0
        * build-red-fox t0 running
        ! run build-red-fox t0 on node-1
      0s > lint-blue-owl is submitted: 1 task
        * lint-blue-owl scheduled
        * lint-blue-owl t0 queued
        ! answer request 2: yes
      10s > task 0 of build-red-fox exited with 3
        * build-red-fox t0 failed with 3
        * build-red-fox t0 kept until 910s
      910s > tick
        * node-1 slot 0 free
        * node-1 slot 0 taken by lint-blue-owl t0
        * lint-blue-owl t0 running
        * build-red-fox completed
        ! clean up build-red-fox t0 on node-1
        ! run lint-blue-owl t0 on node-1
      "
    `);
  });

  it('is gone as soon as somebody cancels it, with the end that it had', () => {
    expect(
      tell(
        starts(),
        submitsKeeping('build-red-fox', 900, narrow(1)),
        provisioned('node-1'),
        exits('build-red-fox', 0, 3),
        seconds(60),
        cancels('build-red-fox', 0, 2),
        cancels('build-red-fox', 0, 3),
      ),
    ).toMatchInlineSnapshot(`
      "
      0s > the server starts: at most 1 node of 2 slots
      0s > build-red-fox is submitted: 1 task
        * build-red-fox scheduled
        * build-red-fox t0 queued
        ! answer request 1: yes
        * node-1 created, 2 slots
        * node-1 provisioning
        ! provision node-1
      0s > node-1 is provisioned
        * node-1 online
        * node-1 slot 0 taken by build-red-fox t0
        * build-red-fox t0 running
        ! run build-red-fox t0 on node-1
      0s > task 0 of build-red-fox exited with 3
        * build-red-fox t0 failed with 3
        * build-red-fox t0 kept until 900s
      60s > task 0 of build-red-fox shall be cancelled
        * node-1 slot 0 free
        * build-red-fox completed
        ! clean up build-red-fox t0 on node-1
        ! answer request 2: yes
        * node-1 terminating
        ! terminate node-1, attempt 1
      60s > task 0 of build-red-fox shall be cancelled
        ! answer request 3: no, there is no job "build-red-fox": "alfred ps" lists the jobs
      "
    `);
  });

  it('stays when the rest of its job is cancelled for its sake', () => {
    expect(
      tell(
        starts(),
        submitsKeeping('build-red-fox', 900, narrow(3)),
        provisioned('node-1'),
        exits('build-red-fox', 0, 3),
        cancelsRest('build-red-fox'),
        ends('build-red-fox', 1, { type: 'stopped', stepBegan: true }),
        seconds(60),
        cancels('build-red-fox'),
      ),
    ).toMatchInlineSnapshot(`
      "
      0s > the server starts: at most 1 node of 2 slots
      0s > build-red-fox is submitted: 3 tasks
        * build-red-fox scheduled
        * build-red-fox t0 queued
        * build-red-fox t1 queued
        * build-red-fox t2 queued
        ! answer request 1: yes
        * node-1 created, 2 slots
        * node-1 provisioning
        ! provision node-1
      0s > node-1 is provisioned
        * node-1 online
        * node-1 slot 0 taken by build-red-fox t0
        * node-1 slot 1 taken by build-red-fox t1
        * build-red-fox t0 running
        * build-red-fox t1 running
        ! run build-red-fox t0 on node-1
        ! run build-red-fox t1 on node-1
      0s > task 0 of build-red-fox exited with 3
        * build-red-fox t0 failed with 3
        * build-red-fox t0 kept until 900s
      0s > build-red-fox shall be cancelled, but for what is kept
        * build-red-fox t2 aborted
        ! stop task 1 of build-red-fox: cancel
        ! answer request 1: yes
      0s > task 1 of build-red-fox stopped
        * build-red-fox t1 aborted
        * node-1 slot 1 free
        ! clean up build-red-fox t1 on node-1
      60s > build-red-fox shall be cancelled
        * node-1 slot 0 free
        * build-red-fox completed
        ! clean up build-red-fox t0 on node-1
        ! answer request 1: yes
        * node-1 terminating
        ! terminate node-1, attempt 1
      "
    `);
  });

  it('is kept too when it timed out or could not be run to its end, if a step of it had begun', () => {
    expect(
      tell(
        starts({ slotsPerNode: 4, taskTimeoutMs: 60_000 }),
        submitsKeeping('build-red-fox', 900, narrow(4)),
        provisioned('node-1'),
        ends('build-red-fox', 0, { type: 'broken', reason: 'no such image', stepBegan: false }),
        ends('build-red-fox', 1, { type: 'broken', reason: 'its log could not be written', stepBegan: true }),
        seconds(60),
        ends('build-red-fox', 2, { type: 'stopped', stepBegan: false }),
        ends('build-red-fox', 3, { type: 'stopped', stepBegan: true }),
      ),
    ).toMatchInlineSnapshot(`
      "
      0s > the server starts: at most 1 node of 4 slots
      0s > build-red-fox is submitted: 4 tasks
        * build-red-fox scheduled
        * build-red-fox t0 queued
        * build-red-fox t1 queued
        * build-red-fox t2 queued
        * build-red-fox t3 queued
        ! answer request 1: yes
        * node-1 created, 4 slots
        * node-1 provisioning
        ! provision node-1
      0s > node-1 is provisioned
        * node-1 online
        * node-1 slot 0 taken by build-red-fox t0
        * node-1 slot 1 taken by build-red-fox t1
        * node-1 slot 2 taken by build-red-fox t2
        * node-1 slot 3 taken by build-red-fox t3
        * build-red-fox t0 running
        * build-red-fox t1 running
        * build-red-fox t2 running
        * build-red-fox t3 running
        ! run build-red-fox t0 on node-1
        ! run build-red-fox t1 on node-1
        ! run build-red-fox t2 on node-1
        ! run build-red-fox t3 on node-1
      0s > task 0 of build-red-fox broke: no such image
        * build-red-fox t0 failed with -1: no such image
        * node-1 slot 0 free
        ! clean up build-red-fox t0 on node-1
      0s > task 1 of build-red-fox broke: its log could not be written
        * build-red-fox t1 failed with -1: its log could not be written
        * build-red-fox t1 kept until 900s
      60s > tick
        ! stop task 2 of build-red-fox: timeout
        ! stop task 3 of build-red-fox: timeout
      60s > task 2 of build-red-fox stopped
        * build-red-fox t2 timed out
        * node-1 slot 2 free
        ! clean up build-red-fox t2 on node-1
      60s > task 3 of build-red-fox stopped
        * build-red-fox t3 timed out
        * build-red-fox t3 kept until 960s
      "
    `);
  });

  it('is not kept when all went as its author wanted, or as somebody told it', () => {
    expect(
      tell(
        starts({ slotsPerNode: 4 }),
        submitsKeeping('build-red-fox', 900, narrow(4)),
        provisioned('node-1'),
        exits('build-red-fox', 0, 0),
        exits('build-red-fox', 1, 42),
        exits('build-red-fox', 2, 43),
        cancels('build-red-fox', 3, 2),
        exits('build-red-fox', 3, 1),
      ),
    ).toMatchInlineSnapshot(`
      "
      0s > the server starts: at most 1 node of 4 slots
      0s > build-red-fox is submitted: 4 tasks
        * build-red-fox scheduled
        * build-red-fox t0 queued
        * build-red-fox t1 queued
        * build-red-fox t2 queued
        * build-red-fox t3 queued
        ! answer request 1: yes
        * node-1 created, 4 slots
        * node-1 provisioning
        ! provision node-1
      0s > node-1 is provisioned
        * node-1 online
        * node-1 slot 0 taken by build-red-fox t0
        * node-1 slot 1 taken by build-red-fox t1
        * node-1 slot 2 taken by build-red-fox t2
        * node-1 slot 3 taken by build-red-fox t3
        * build-red-fox t0 running
        * build-red-fox t1 running
        * build-red-fox t2 running
        * build-red-fox t3 running
        ! run build-red-fox t0 on node-1
        ! run build-red-fox t1 on node-1
        ! run build-red-fox t2 on node-1
        ! run build-red-fox t3 on node-1
      0s > task 0 of build-red-fox exited with 0
        * build-red-fox t0 completed
        * node-1 slot 0 free
        ! clean up build-red-fox t0 on node-1
      0s > task 1 of build-red-fox exited with 42
        * build-red-fox t1 failed with 42
        * node-1 slot 1 free
        ! clean up build-red-fox t1 on node-1
      0s > task 2 of build-red-fox exited with 43
        * build-red-fox t2 skipped
        * node-1 slot 2 free
        ! clean up build-red-fox t2 on node-1
      0s > task 3 of build-red-fox shall be cancelled
        ! stop task 3 of build-red-fox: cancel
        ! answer request 2: yes
      0s > task 3 of build-red-fox exited with 1
        * build-red-fox t3 failed with 1
        * node-1 slot 3 free
        * build-red-fox completed
        ! clean up build-red-fox t3 on node-1
        * node-1 terminating
        ! terminate node-1, attempt 1
      "
    `);
  });

  it('is kept until the same moment by a server that is started anew meanwhile, and not run again', () => {
    expect(
      tell(
        starts(),
        submitsKeeping('build-red-fox', 900, narrow(1)),
        provisioned('node-1'),
        exits('build-red-fox', 0, 3),
        seconds(600),
        starts(),
        exits('build-red-fox', 0, 3),
        seconds(300),
      ),
    ).toMatchInlineSnapshot(`
      "
      0s > the server starts: at most 1 node of 2 slots
      0s > build-red-fox is submitted: 1 task
        * build-red-fox scheduled
        * build-red-fox t0 queued
        ! answer request 1: yes
        * node-1 created, 2 slots
        * node-1 provisioning
        ! provision node-1
      0s > node-1 is provisioned
        * node-1 online
        * node-1 slot 0 taken by build-red-fox t0
        * build-red-fox t0 running
        ! run build-red-fox t0 on node-1
      0s > task 0 of build-red-fox exited with 3
        * build-red-fox t0 failed with 3
        * build-red-fox t0 kept until 900s
      600s > the server starts: at most 1 node of 2 slots
        ! connect node-1
      600s > task 0 of build-red-fox exited with 3
      900s > tick
        * node-1 slot 0 free
        * node-1 terminating
        * build-red-fox completed
        ! clean up build-red-fox t0 on node-1
        ! terminate node-1, attempt 1
      "
    `);
  });

  it('goes with its server, and with its node', () => {
    expect(
      tell(
        starts(),
        submitsKeeping('build-red-fox', 900, narrow(1)),
        provisioned('node-1'),
        exits('build-red-fox', 0, 3),
        shutsDown,
      ),
    ).toMatchInlineSnapshot(`
      "
      0s > the server starts: at most 1 node of 2 slots
      0s > build-red-fox is submitted: 1 task
        * build-red-fox scheduled
        * build-red-fox t0 queued
        ! answer request 1: yes
        * node-1 created, 2 slots
        * node-1 provisioning
        ! provision node-1
      0s > node-1 is provisioned
        * node-1 online
        * node-1 slot 0 taken by build-red-fox t0
        * build-red-fox t0 running
        ! run build-red-fox t0 on node-1
      0s > task 0 of build-red-fox exited with 3
        * build-red-fox t0 failed with 3
        * build-red-fox t0 kept until 900s
      0s > the server shall stop
        * node-1 slot 0 free
        * build-red-fox completed
        ! clean up build-red-fox t0 on node-1
        * node-1 terminating
        ! terminate node-1, attempt 1
      "
    `);
    expect(
      tell(
        starts(),
        submitsKeeping('build-red-fox', 900, narrow(1)),
        provisioned('node-1'),
        exits('build-red-fox', 0, 3),
        loses('node-1'),
      ),
    ).toMatchInlineSnapshot(`
      "
      0s > the server starts: at most 1 node of 2 slots
      0s > build-red-fox is submitted: 1 task
        * build-red-fox scheduled
        * build-red-fox t0 queued
        ! answer request 1: yes
        * node-1 created, 2 slots
        * node-1 provisioning
        ! provision node-1
      0s > node-1 is provisioned
        * node-1 online
        * node-1 slot 0 taken by build-red-fox t0
        * build-red-fox t0 running
        ! run build-red-fox t0 on node-1
      0s > task 0 of build-red-fox exited with 3
        * build-red-fox t0 failed with 3
        * build-red-fox t0 kept until 900s
      0s > node-1 is lost: no such server
        * node-1 slot 0 free
        * node-1 terminating
        * build-red-fox completed
        ! terminate node-1, attempt 1
      "
    `);
  });
});
