import { List } from 'immutable';
import { Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import type { JobSpec } from '../../src/domain/job.ts';
import type { JobId, NodeId } from '../../src/domain/names.ts';
import type { JobStatus, Status } from '../../src/domain/status.ts';
import type { NodeActivity } from '../../src/engine/ports.ts';
import { emptyStatus, FINISHED_JOBS_KEPT } from '../../src/engine/status.ts';
import { startingTurn, type Turn } from '../../src/engine/turn.ts';
import { createViews } from '../../src/engine/views.ts';
import type { Fact, FactBody } from '../../src/scheduler/fact.ts';
import { initialState } from '../../src/scheduler/state.ts';

const job = 'test-red-fox' as JobId;
const node = 'node-1' as NodeId;

const spec = (...tasks: readonly string[]): JobSpec => ({
  name: 'test',
  about: 'what it is about',
  steps: ['sha256:1'],
  env: [],
  secrets: [],
  services: [],
  tasks: tasks.map(name => ({ name, slots: 1 })),
  keepFailedMs: 0,
});

const scheduled = (jobId: JobId, ...tasks: readonly string[]): FactBody => ({
  type: 'jobScheduled',
  jobId,
  submission: { spec: spec(...tasks), jobfile: 'name: test', commandLine: 'alfred run job.yaml', startedBy: 'ann@laptop' },
});

const completed = (jobId: JobId): FactBody => ({ type: 'jobCompleted', jobId });
const slotsTaken = (index: number): FactBody => ({ type: 'taskAssigned', jobId: job, index, nodeId: node, slots: [index] });
const started = (index: number): FactBody => ({ type: 'taskStarted', jobId: job, index, nodeId: node });
const ended = (index: number, exitCode: number): FactBody => ({
  type: 'taskEnded',
  jobId: job,
  index,
  nodeId: node,
  slots: [index],
  outcome: exitCode === 0 ? { type: 'completed' } : { type: 'failed', exitCode, reason: 'out of memory' },
});

/** Views on turns that a spec draws by hand. */
const handDrawn = () => {
  const turns$ = new Subject<Turn>();
  const activity$ = new Subject<NodeActivity>();
  const onBug = vi.fn();
  const views = createViews(turns$, activity$, emptyStatus, onBug);
  const turn = (at: number, ...facts: readonly FactBody[]): void =>
    turns$.next({ ...startingTurn(initialState), facts: facts.map((fact): Fact => ({ ...fact, at })) });
  const busy = (activity: string | null): void => activity$.next({ nodeId: node, activity });
  return { views, turn, busy, end: () => turns$.complete(), onBug };
};

const watched = <T>(source$: { subscribe(observer: { next(value: T): void; complete(): void }): unknown }) => {
  const seen: (T | 'end')[] = [];
  source$.subscribe({ next: value => seen.push(value), complete: () => seen.push('end') });
  return seen;
};

describe('the status of a job', () => {
  it('tells the life of its tasks, with their times, codes and reasons', () => {
    const { views, turn } = handDrawn();
    turn(10, { type: 'nodeCreated', nodeId: node, slots: 2 }, scheduled(job, 'a', 'b', 'c'));
    turn(20, slotsTaken(0), slotsTaken(1), started(0), started(1));
    turn(30, ended(0, 0), ended(1, 137));
    turn(40, { type: 'queuedTasksAborted', jobId: job, ranges: [[2, 3]], reason: 'no node is wide enough' }, completed(job));
    expect(views.job(job)).toEqual({
      name: job,
      about: 'what it is about',
      tasks: List([
        { name: 'a', state: 'completed', exitCode: 0, startedAt: 20, endedAt: 30, reason: null, keptUntil: null },
        { name: 'b', state: 'failed', exitCode: 137, startedAt: 20, endedAt: 30, reason: 'out of memory', keptUntil: null },
        {
          name: 'c',
          state: 'aborted',
          exitCode: null,
          startedAt: null,
          endedAt: 40,
          reason: 'no node is wide enough',
          keptUntil: null,
        },
      ]),
      scheduledAt: 10,
      completedAt: 40,
      jobfile: 'name: test',
      commandLine: 'alfred run job.yaml',
      startedBy: 'ann@laptop',
    });
  });

  it('shows a task that is kept as failed when it failed, and until when it stays; then goes on to the end of the job', () => {
    const { views, turn } = handDrawn();
    turn(10, { type: 'nodeCreated', nodeId: node, slots: 2 }, scheduled(job, 'a'));
    const seen = watched<JobStatus>(views.job$(job));
    turn(20, slotsTaken(0), started(0));
    turn(30, { type: 'taskKept', jobId: job, index: 0, outcome: { type: 'failed', exitCode: 3 }, until: 930 });
    expect(views.nodeOf(job, 'a')).toBe(node);
    turn(930, ended(0, 3), completed(job));
    expect(views.nodeOf(job, 'a')).toBeUndefined();
    const failed = { name: 'a', state: 'failed', exitCode: 3, startedAt: 20, endedAt: 30 };
    expect(seen.slice(2, 4)).toMatchObject([
      { completedAt: null, tasks: List([{ ...failed, reason: null, keptUntil: 930 }]) },
      { completedAt: 930, tasks: List([{ ...failed, reason: 'out of memory', keptUntil: null }]) },
    ]);
  });

  it('comes at once, then whenever it changed, and ends with the job', () => {
    const { views, turn } = handDrawn();
    turn(10, { type: 'nodeCreated', nodeId: node, slots: 2 }, scheduled(job, 'a'));
    const seen = watched<JobStatus>(views.job$(job));
    turn(20, scheduled('other-red-fox' as JobId, 'x'));
    turn(30, slotsTaken(0), started(0));
    turn(40, ended(0, 0), completed(job));
    turn(50, completed('other-red-fox' as JobId));
    expect(seen.map(status => (status === 'end' ? status : [status.tasks.get(0)?.state, status.completedAt]))).toEqual([
      ['queued', null],
      ['running', null],
      ['completed', 40],
      'end',
    ]);
  });

  it('reaches a watcher in its final form however many jobs end with it', () => {
    const { views, turn } = handDrawn();
    const others = Array.from({ length: FINISHED_JOBS_KEPT + 5 }, (_, n) => `other-${n}` as JobId);
    turn(10, scheduled(job, 'a'), ...others.map(id => scheduled(id, 'a')));
    const seen = watched<JobStatus>(views.job$(job));
    turn(20, completed(job), ...others.map(completed));
    expect(seen.at(-2)).toMatchObject({ name: job, completedAt: 20 });
    expect(seen.at(-1)).toBe('end');
  });

  it('leaves memory when a thousand newer ones have ended', () => {
    const { views, turn } = handDrawn();
    const jobs = Array.from({ length: FINISHED_JOBS_KEPT + 5 }, (_, n) => `job-${n}` as JobId);
    turn(10, ...jobs.map(id => scheduled(id, 'a')));
    turn(20, ...jobs.map(completed));
    turn(30, scheduled(job, 'a'));
    expect(views.jobs().length).toBe(FINISHED_JOBS_KEPT + 1);
    expect(views.job('job-4' as JobId)).toBeUndefined();
    expect(views.job('job-5' as JobId)).toMatchObject({ completedAt: 20 });
  });
});

describe('the list of jobs', () => {
  it('comes anew when a job is scheduled or completed, not for each task', () => {
    const { views, turn, end } = handDrawn();
    const seen = watched<readonly JobStatus[]>(views.jobs$);
    turn(10, { type: 'nodeCreated', nodeId: node, slots: 2 }, scheduled(job, 'a'));
    turn(20, slotsTaken(0), started(0));
    turn(30, ended(0, 0));
    turn(30, completed(job));
    end();
    expect(seen.map(jobs => (jobs === 'end' ? jobs : jobs.map(({ completedAt }) => completedAt)))).toEqual([
      [],
      [null],
      [30],
      'end',
    ]);
  });
});

describe('the status of the nodes', () => {
  it('shows who holds which slot, why a node failed, and forgets those that are gone', () => {
    const { views, turn } = handDrawn();
    const seen = watched<Status>(views.status$);
    turn(10, { type: 'nodeCreated', nodeId: node, slots: 2 }, scheduled(job, 'a'), { type: 'nodeOnline', nodeId: node });
    turn(20, slotsTaken(0));
    expect(views.nodeOf(job, 'a')).toBe(node);
    turn(30, { type: 'nodeProvisioningFailed', nodeId: node, why: 'No valid host was found', retryAt: 90 });
    turn(40, { type: 'nodeDiscarded', nodeId: node });
    const nodes = seen.map(status => (status === 'end' ? [] : status.nodes));
    expect(nodes).toMatchObject([
      [],
      [{ name: node, state: 'online', slots: [{ task: null }, { task: null }] }],
      [
        {
          slots: [
            { id: 0, task: { job, name: 'a' } },
            { id: 1, task: null },
          ],
        },
      ],
      [{ state: 'failedProvisioning', reason: 'No valid host was found' }],
      [],
    ]);
  });
});

describe('a node on another machine', () => {
  it('shows since when it does not answer, and what was tried last', () => {
    const { views, turn } = handDrawn();
    const seen = watched<Status>(views.status$);
    turn(10, { type: 'nodeCreated', nodeId: node, slots: 2 }, { type: 'nodeOnline', nodeId: node });
    turn(20, { type: 'nodeUnreachable', nodeId: node, why: 'no answer from 10.77.0.12' });
    turn(30, { type: 'nodeUnreachable', nodeId: node, why: '10.77.0.12 refused the connection' });
    turn(40, { type: 'nodeReachable', nodeId: node });
    expect(seen.slice(1).flatMap(status => (status === 'end' ? [] : status.nodes))).toMatchObject([
      { state: 'online', unreachable: null },
      { state: 'online', unreachable: { since: 20, why: 'no answer from 10.77.0.12' } },
      { state: 'online', unreachable: { since: 20, why: '10.77.0.12 refused the connection' } },
      { state: 'online', unreachable: null },
    ]);
  });

  it('shows what it is busy with, also to those who come later, until it is busy no more', () => {
    const { views, turn, busy, end } = handDrawn();
    turn(10, { type: 'nodeCreated', nodeId: node, slots: 2 });
    busy('booting');
    const seen = watched<Status>(views.status$);
    busy('waiting for ssh');
    busy('waiting for ssh');
    turn(20, { type: 'nodeOnline', nodeId: node });
    busy(null);
    end();
    expect(seen.map(status => (status === 'end' ? status : status.nodes[0]?.activity))).toEqual([
      'booting',
      'waiting for ssh',
      'waiting for ssh',
      null,
      'end',
    ]);
  });

  it('has nothing to say any more once it is gone', () => {
    const { views, turn, busy } = handDrawn();
    turn(10, { type: 'nodeCreated', nodeId: node, slots: 2 });
    busy('booting');
    turn(20, { type: 'nodeDiscarded', nodeId: node });
    busy('waiting for ssh');
    turn(30, { type: 'nodeCreated', nodeId: node, slots: 2 });
    expect(watched<Status>(views.status$)).toMatchObject([{ nodes: [{ activity: null }] }]);
  });
});

describe('a fact that does not fit the status', () => {
  it('is told as the bug that it is, and nobody is shown what came of it', () => {
    const { views, turn, onBug } = handDrawn();
    const seen = watched<Status>(views.status$);
    turn(10, completed(job));
    expect(onBug).toHaveBeenCalledWith(expect.objectContaining({ message: `no such job in the status: ${job}` }));
    expect(seen.at(-1)).toBe('end');
  });
});
