import { expect, it } from 'vitest';
import { cancels, ends, provisioned, shutsDown, starts, submits, terminated } from '../support/builders.ts';
import { play, tell } from '../support/play.ts';

it('refuses a job whole when one of its tasks is wider than a node', () => {
  expect(tell(starts({ slotsPerNode: 2 }), submits('ci', [1, { name: 'browser', slots: 4 }, 1]))).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 2 slots
    0s > ci is submitted: 3 tasks
      ! answer request 1: no, task "browser" asks for 4 slots, but a node has 2: ask for 2 at most, or start the server with more --slots-per-node
    "
  `);
});

it('refuses a job without tasks, with two of one name, and with slots that are no number of slots', () => {
  expect(
    tell(
      starts(),
      submits('none', []),
      submits('twice', [{ name: 'lint' }, { name: 'test' }, { name: 'lint' }]),
      submits('zero', [{ name: 'lint', slots: 0 }]),
      submits('half', [{ name: 'lint', slots: 0.5 }]),
    ),
  ).toMatchInlineSnapshot(`
    "
    0s > the server starts: at most 1 node of 2 slots
    0s > none is submitted: 0 tasks
      ! answer request 1: no, the job has no tasks; at least one is needed
    0s > twice is submitted: 3 tasks
      ! answer request 1: no, two tasks are named "lint": give each its own name
    0s > zero is submitted: 1 task
      ! answer request 1: no, task "lint" asks for 0 slots: it takes a whole number, at least 1
    0s > half is submitted: 1 task
      ! answer request 1: no, task "lint" asks for 0.5 slots: it takes a whole number, at least 1
    "
  `);
});

it('takes no job while it shuts down, nor after', () => {
  expect(
    tell(
      starts(),
      submits('ci', [1]),
      provisioned('node-1'),
      shutsDown,
      submits('late', [1], 2),
      ends('ci', 0, { type: 'stopped' }),
      terminated('node-1'),
      submits('later', [1], 3),
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
    0s > the server shall stop
      ! stop task 0 of ci: cancel
    0s > late is submitted: 1 task
      ! answer request 2: no, the server is shutting down: submit the job again when it is back
    0s > task 0 of ci stopped
      * ci t0 aborted
      * node-1 slot 0 free
      * ci completed
      ! clean up ci t0 on node-1
      * node-1 terminating
      ! terminate node-1, attempt 1
    0s > node-1 is gone, by attempt 1
      * node-1 terminated
      * node-1 has left the pool
    0s > later is submitted: 1 task
      ! answer request 3: no, the server is shutting down: submit the job again when it is back
    "
  `);
});

it('changes nothing by a refused request', () => {
  const before = play(starts({ slotsPerNode: 2 }));
  const then = play(starts({ slotsPerNode: 2 }), submits('ci', [3]), submits('ci', []), cancels('ci'), cancels('ci', 0));
  expect(then.state).toEqual(before.state);
  expect(then.facts).toEqual(before.facts);
});

it('refuses to cancel what it does not know, and answers fine for what has ended', () => {
  expect(
    tell(
      starts(),
      submits('ci', [1, 1]),
      provisioned('node-1'),
      ends('ci', 0),
      cancels('ci', 0),
      cancels('ci', 7),
      cancels('ic'),
      cancels('ic', 0),
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
      * ci t1 running
      ! run ci t0 on node-1
      ! run ci t1 on node-1
    0s > task 0 of ci exited with 0
      * ci t0 completed
      * node-1 slot 0 free
      ! clean up ci t0 on node-1
    0s > task 0 of ci shall be cancelled
      ! answer request 1: yes
    0s > task 7 of ci shall be cancelled
      ! answer request 1: no, job "ci" has no task number 7: "alfred show ci" lists its tasks
    0s > ic shall be cancelled
      ! answer request 1: no, there is no job "ic": "alfred ps" lists the jobs
    0s > task 0 of ic shall be cancelled
      ! answer request 1: no, there is no job "ic": "alfred ps" lists the jobs
    "
  `);
});
