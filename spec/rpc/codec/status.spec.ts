import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobStatusBytes, statusBytes } from '../../../src/rpc/codec/broadcast.ts';
import { decodeJobStatus, decodeNodeStatus, decodeStatus, decodeTaskStatus } from '../../../src/rpc/codec/status.ts';
import {
  JobStatus,
  type NodeStatus_Status,
  Status,
  type TaskStatus,
  type TaskStatus_Status,
} from '../../../src/rpc/generated/alfred.ts';
import { anyJobStatus, anyNodeStatus, anyServerInfo } from '../arbitrary.ts';

const task: TaskStatus = {
  name: 'unit',
  status: 1,
  exitCode: undefined,
  startedAt: undefined,
  endedAt: undefined,
  reason: undefined,
};

describe("a job's status", () => {
  it('arrives as it was sent', () =>
    fc.assert(
      fc.property(anyJobStatus, job => {
        const received = decodeJobStatus(JobStatus.decode(jobStatusBytes(job)));
        expect({ ...received, tasks: received.tasks.toArray() }).toEqual({ ...job, tasks: job.tasks.toArray() });
      }),
    ));

  it('has no times for what has not happened, however the server says it', () => {
    const goZero = new Date('0001-01-01T00:00:00Z');
    expect(decodeTaskStatus({ ...task, startedAt: goZero, endedAt: goZero })).toMatchObject({ startedAt: null, endedAt: null });
    expect(decodeTaskStatus({ ...task, startedAt: new Date(0) })).toMatchObject({ startedAt: null });
    expect(decodeTaskStatus(task)).toMatchObject({ startedAt: null, endedAt: null });
  });

  it('tells a task without an exit code from one that exited 0, and from one that is no step of its own', () => {
    expect(decodeTaskStatus(task).exitCode).toBeNull();
    expect(decodeTaskStatus({ ...task, exitCode: 0 }).exitCode).toBe(0);
    expect(decodeTaskStatus({ ...task, exitCode: -1 }).exitCode).toBe(-1);
  });

  it('takes a task state of a later contract for what its times say, and no ending for a success', () => {
    const later = { ...task, status: 99 as TaskStatus_Status };
    const at = new Date(1_000);
    expect(decodeTaskStatus(later).state).toBe('queued');
    expect(decodeTaskStatus({ ...later, startedAt: at }).state).toBe('running');
    expect(decodeTaskStatus({ ...later, startedAt: at, endedAt: at }).state).toBe('failed');
  });
});

describe('the status', () => {
  it('arrives as it was sent', () =>
    fc.assert(
      fc.property(anyServerInfo, fc.array(anyJobStatus), fc.array(anyNodeStatus), (server, jobs, nodes) => {
        const received = decodeStatus(Status.decode(statusBytes(server)({ jobs, nodes })));
        expect(received.server).toEqual(server);
        expect(received.nodes).toEqual(nodes);
        expect(received.jobs.map(({ name }) => name)).toEqual(jobs.map(({ name }) => name));
      }),
      { numRuns: 30 },
    ));

  it('of an old server that leaves everything out is still one', () => {
    expect(decodeStatus(Status.decode(new Uint8Array()))).toMatchObject({
      jobs: [],
      nodes: [],
      server: { maxNodes: 0, provisioner: '' },
    });
  });

  it('takes a node state of a later contract for one that takes no tasks', () => {
    expect(decodeNodeStatus({ name: 'n1', status: 99 as NodeStatus_Status, slots: [], reason: undefined }).state).toBe('queued');
  });
});
