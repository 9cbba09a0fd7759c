import { NEVER, Subject } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { compress } from '../../src/base/zstd.ts';
import type { Submission } from '../../src/domain/job.ts';
import type { JobId, NodeId } from '../../src/domain/names.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import type { JobStatus, ServerInfo } from '../../src/domain/status.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { LogQuery, Workspace } from '../../src/engine/ports.ts';
import { emptyStatus } from '../../src/engine/status.ts';
import { startingTurn, type Turn } from '../../src/engine/turn.ts';
import { createViews } from '../../src/engine/views.ts';
import type { Fact, FactBody } from '../../src/scheduler/fact.ts';
import { initialState } from '../../src/scheduler/state.ts';
import { createService } from '../../src/server/service.ts';
import type { History } from '../../src/store/history.ts';
import { completed, finished } from '../cli/support/jobs.ts';
import { submission } from '../support/builders.ts';
import { logText, readLog } from '../support/log-text.ts';

const job = 'build-red-fox' as JobId;
const old = 'old-red-fox' as JobId;
const node = 'node-1' as NodeId;
const never = new AbortController().signal;

const scheduled = (jobId: JobId, ...tasks: readonly string[]): FactBody => ({
  type: 'jobScheduled',
  jobId,
  submission: submission(
    'build',
    tasks.map(name => ({ name })),
  ),
});
const nodeMade: FactBody = { type: 'nodeCreated', nodeId: node, slots: 4 };
const slotsTaken = (index: number): FactBody => ({ type: 'taskAssigned', jobId: job, index, nodeId: node, slots: [index] });
const started = (index: number): FactBody => ({ type: 'taskStarted', jobId: job, index, nodeId: node });
const ended = (index: number): FactBody => ({
  type: 'taskEnded',
  jobId: job,
  index,
  nodeId: node,
  slots: [index],
  outcome: { type: 'aborted' },
});
const jobEnded: FactBody = { type: 'jobCompleted', jobId: job };

type World = {
  readonly past?: readonly JobStatus[];
  /** What the engine answers whatever it is asked. */
  readonly refusal?: Refusal;
  readonly artifacts?: Readonly<Record<string, string>>;
  readonly images?: () => Promise<boolean>;
  readonly load?: () => Promise<void>;
};

/** A service in a world where turns are drawn by hand and everything else answers at once. */
const world = ({ past = [], refusal, artifacts = {}, images = async () => true, load = async () => {} }: World = {}) => {
  const turns$ = new Subject<Turn>();
  const views = createViews(turns$, NEVER, emptyStatus, error => {
    throw error;
  });
  const turn = (...facts: readonly FactBody[]): void =>
    turns$.next({ ...startingTurn(initialState), facts: facts.map((fact): Fact => ({ ...fact, at: 0 })) });

  const answer = async (): Promise<Refusal | null> => refusal ?? null;
  const engine: Engine = {
    startingState: initialState,
    turns$,
    submit: vi.fn(answer),
    cancelJob: vi.fn(answer),
    cancelTask: vi.fn(answer),
    liveTasks: () => new Set(),
    nodes: () => [],
    start: () => {},
    drain: async () => {},
    detach: () => {},
  };
  const history: History = {
    job: jobId => past.find(({ name }) => name === jobId) ?? null,
    submission: () => null,
    finishedJobs: () => past,
    place: () => 0,
    isKnown: jobId => past.some(({ name }) => name === jobId),
    forgetOlderThan: async () => 0,
  };
  const queries: LogQuery[] = [];
  const workspace: Workspace = {
    ensure: async () => '',
    openLog: () => Promise.reject(new Error('nobody writes here')),
    readLogs: (task, query) => {
      queries.push(query);
      return (async function* () {
        yield logText(`log of ${task}`);
      })();
    },
    pack: task => text(`snapshot of ${task}`),
    remove: async () => {},
    list: async () => [],
  };
  const service = createService({
    info: {} as ServerInfo,
    engine,
    views,
    history,
    images: {
      has: images,
      load: async archive => {
        for await (const _ of archive);
        await load();
      },
    },
    artifacts: {
      write: async () => {},
      open: async (jobId, taskName) => {
        const content = artifacts[`${jobId}/${taskName}`];
        return content === undefined ? null : text(content);
      },
    },
    shell: {
      open: () => Promise.reject(new Error('nobody asks for a shell')),
      openKept: () => Promise.reject(new Error('nobody asks for a shell')),
    },
    workspaceOf: async () => workspace,
  });
  return { service, engine, turn, queries };
};

async function* text(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

const read = async (pieces: AsyncIterable<Uint8Array>): Promise<string> => {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all).toString();
};

/** Whether a promise has an answer already, after everything that is under way has had its turn. */
const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  const pending = Symbol('pending');
  const inATurn = new Promise(resolve => setImmediate(resolve, pending));
  return (await Promise.race([promise, inATurn])) !== pending;
};

describe('the full name of a job', () => {
  afterEach(() => void vi.restoreAllMocks());

  const tasks = (...names: readonly string[]): Submission =>
    submission(
      'build',
      names.map(name => ({ name })),
    );

  /** Makes every name the same, until it was refused once. */
  const sameNameFirst = (): void => {
    let draws = 0;
    vi.spyOn(Math, 'random').mockImplementation(() => (draws++ < 2 ? 0 : 0.5));
  };
  const nameIn = async ({ service }: ReturnType<typeof world>, asked: Submission): Promise<JobId> => {
    sameNameFirst();
    const result = await service.scheduleJob(asked);
    if (!result.ok) throw new Error(result.refusal.message);
    return result.value;
  };
  const firstName = (): Promise<JobId> => nameIn(world(), tasks('a'));

  it('begins with its name, and is what the client is told', async () => {
    expect(await firstName()).toMatch(/^build-[a-z]+-[a-z]+$/);
  });

  it('is none that a job had before, though it was forgotten', async () => {
    const taken = await firstName();
    expect(await nameIn(world({ past: [finished([completed('a')], { name: taken })] }), tasks('a'))).not.toBe(taken);
  });

  it('is none that a job has that is being submitted', async () => {
    const taken = await firstName();
    const busy = world();
    sameNameFirst();
    const first = busy.service.scheduleJob(tasks('a'));
    sameNameFirst();
    const second = busy.service.scheduleJob(tasks('a'));
    expect(await first).toMatchObject({ value: taken });
    expect(await second).not.toMatchObject({ value: taken });
  });

  it('lets no task have the full name of another job’s task', async () => {
    const name = await firstName();
    const longer = world();
    longer.turn(scheduled(`${name}-blue-owl` as JobId, '1'));
    expect(await nameIn(longer, tasks('a'))).toBe(name);
    expect(await nameIn(longer, tasks('a', 'blue-owl-1'))).not.toBe(name);
  });

  it('is free again when the job was refused', async () => {
    const refused = world({ refusal: { type: 'notDurable', message: 'the disk is full' } });
    sameNameFirst();
    expect(await refused.service.scheduleJob(tasks('a'))).toMatchObject({ ok: false, refusal: { type: 'notDurable' } });
    sameNameFirst();
    await refused.service.scheduleJob(tasks('a'));
    const [first, second] = vi.mocked(refused.engine.submit).mock.calls.map(([jobId]) => jobId);
    expect(second).toBe(first);
  });
});

describe('a cancel', () => {
  it('of a job is answered when its last task is gone, not when it was heard', async () => {
    const { service, turn } = world();
    turn(nodeMade, scheduled(job, 'a', 'b'), slotsTaken(0), slotsTaken(1), started(0), started(1));
    const answer = service.cancelJob(job);
    turn(ended(0));
    expect(await isSettled(answer)).toBe(false);
    turn(ended(1), jobEnded);
    expect(await answer).toEqual({ ok: true, value: undefined });
  });

  it('of a task does not wait for the others', async () => {
    const { service, turn, engine } = world();
    turn(nodeMade, scheduled(job, 'a', 'b'), slotsTaken(0), slotsTaken(1), started(0), started(1));
    const answer = service.cancelTask(job, 'b');
    expect(await isSettled(answer)).toBe(false);
    turn(ended(1));
    expect(await answer).toEqual({ ok: true, value: undefined });
    expect(engine.cancelTask).toHaveBeenCalledExactlyOnceWith(job, 1);
  });

  const unknownToScheduler: Refusal = { type: 'unknownJob', message: `there is no job "${old}"` };

  it('of a job that has ended is fine', async () => {
    const { service } = world({ past: [finished([completed('a')], { name: old })], refusal: unknownToScheduler });
    expect(await service.cancelJob(old)).toEqual({ ok: true, value: undefined });
    expect(await service.cancelTask(old, 'a')).toEqual({ ok: true, value: undefined });
  });

  it('of what nobody knows is refused', async () => {
    const { service } = world({ past: [finished([completed('a')], { name: old })], refusal: unknownToScheduler });
    expect(await service.cancelJob(job)).toMatchObject({ refusal: { type: 'unknownJob' } });
    expect(await service.cancelTask(job, 'a')).toMatchObject({ refusal: { type: 'unknownJob' } });
    expect(await service.cancelTask(old, 'b')).toMatchObject({
      refusal: { type: 'unknownTask', message: 'job old-red-fox has no task "b": "alfred show old-red-fox" lists its tasks' },
    });
  });

  it('that the server did not take is not told as done', async () => {
    const refusal: Refusal = { type: 'shuttingDown', message: 'the server is shutting down: ask again when it is back' };
    const { service, turn } = world({ refusal });
    turn(scheduled(job, 'a'));
    expect(await service.cancelJob(job)).toEqual({ ok: false, refusal });
    expect(await service.cancelTask(job, 'a')).toEqual({ ok: false, refusal });
  });
});

describe('a watch', () => {
  it('of a job that is only in the history shows how it ended, and ends', () => {
    const { service } = world({ past: [finished([completed('a')], { name: old })] });
    const result = service.watchJob(old);
    if (!result.ok) throw new Error(result.refusal.message);
    const seen: unknown[] = [];
    result.value.subscribe({ next: ({ name }) => seen.push(name), complete: () => seen.push('end') });
    expect(seen).toEqual([old, 'end']);
  });

  it('of what nobody knows is refused, with the command that lists the jobs', () => {
    expect(world().service.watchJob(job)).toMatchObject({
      refusal: { type: 'unknownJob', message: expect.stringContaining('alfred ps') },
    });
  });
});

describe('a list of finished jobs', () => {
  const past = [finished([completed('a')])];

  it('reaches into the history, and leaves the jobfiles there', () => {
    expect(past.map(({ jobfile }) => jobfile)).not.toContain('');
    const listed = past.map(job => ({ ...job, jobfile: '' }));
    expect(world({ past }).service.listJobs({ limit: 5, namePart: '' })).toEqual({ ok: true, value: listed });
  });

  it('goes on from no job that never was', () => {
    const query = { limit: 5, namePart: '', before: 'nobody-red-fox' as JobId };
    expect(world({ past }).service.listJobs(query)).toMatchObject({ refusal: { type: 'unknownJob' } });
  });
});

describe('the log of a task', () => {
  const logOf = async (
    { service }: ReturnType<typeof world>,
    { task = 'a', follow = false, signal = never }: { task?: string; follow?: boolean; signal?: AbortSignal } = {},
  ): Promise<string> => {
    const result = await service.readLogs(job, task, { tailLines: 10, follow }, signal);
    if (!result.ok) throw new Error(result.refusal.type);
    return `${await readLog(result.value)}`;
  };

  it('is refused where there is no such task', async () => {
    await expect(logOf(world())).rejects.toThrow('unknownJob');
    const known = world();
    known.turn(scheduled(job, 'a'));
    await expect(logOf(known, { task: 'b' })).rejects.toThrow('unknownTask');
  });

  it('is empty while it waits, unless it is followed: then it comes when the task runs', async () => {
    const queued = world();
    queued.turn(nodeMade, scheduled(job, 'a'));
    expect(await logOf(queued)).toBe('');
    const followed = logOf(queued, { follow: true });
    expect(await isSettled(followed)).toBe(false);
    queued.turn(slotsTaken(0), started(0));
    expect(await followed).toBe('log of build-red-fox-a');
  });

  it('ends when the client leaves before the task begins, also when it had left already', async () => {
    const queued = world();
    queued.turn(scheduled(job, 'a'));
    const leaving = new AbortController();
    const followed = logOf(queued, { follow: true, signal: leaving.signal });
    leaving.abort();
    expect(await followed).toBe('');
    expect(await isSettled(logOf(queued, { follow: true, signal: AbortSignal.abort() }))).toBe(true);
  });

  it('is followed until the task ends, and the reader is told that', async () => {
    const running = world();
    running.turn(nodeMade, scheduled(job, 'a'), slotsTaken(0), started(0));
    const result = await running.service.readLogs(job, 'a', { tailLines: 10, follow: true }, never);
    if (!result.ok) throw new Error(result.refusal.type);
    const pieces = result.value[Symbol.asyncIterator]();
    await pieces.next();
    const told = running.queries[0]?.follow?.ended;
    expect(told?.aborted).toBe(false);
    running.turn(ended(0));
    expect(told?.aborted).toBe(true);
  });
});

describe('the artifact of a task', () => {
  const artifactOf = async ({ service }: ReturnType<typeof world>, jobId = job): Promise<string> => {
    const result = await service.openArtifact(jobId, 'a', never);
    return result.ok ? read(result.value) : result.refusal.message;
  };

  it('is what was stored at its end, also when its job is only in the history', async () => {
    const past = [finished([completed('a')], { name: old })];
    expect(await artifactOf(world({ past, artifacts: { 'old-red-fox/a': 'stored' } }), old)).toBe('stored');
  });

  it('is a snapshot while it runs', async () => {
    const running = world();
    running.turn(nodeMade, scheduled(job, 'a'), slotsTaken(0), started(0));
    expect(await artifactOf(running)).toBe('snapshot of build-red-fox-a');
  });

  it('is none, and the refusal says why: it waits, it never ran, it is too old', async () => {
    const queued = world();
    queued.turn(nodeMade, scheduled(job, 'a'), slotsTaken(0));
    expect(await artifactOf(queued)).toBe('task a of job build-red-fox has no artifact yet: it waits for a node');
    const aborted = world();
    aborted.turn(scheduled(job, 'a'), { type: 'queuedTasksAborted', jobId: job, ranges: [[0, 1]], reason: null }, jobEnded);
    expect(await artifactOf(aborted)).toBe('task a of job build-red-fox has no artifact: it never ran');
    const aged = world({ past: [finished([completed('a')], { name: old })] });
    expect(await artifactOf(aged, old)).toBe(
      'task a of job old-red-fox has no artifact; it may be older than the server keeps artifacts',
    );
  });
});

describe('an image that is loaded', () => {
  const loaded = async (parts: World, archive = compress(text('an image'))) => {
    const result = await world(parts).service.loadImage('sha256:1', archive, never);
    return result.ok ? 'taken' : `${result.refusal.type}: ${result.refusal.message}`;
  };

  it('is taken when the engine has it then', async () => {
    expect(await loaded({})).toBe('taken');
  });

  it('is refused when the archive holds another one', async () => {
    expect(await loaded({ images: async () => false })).toBe(
      'invalid: the archive that came for image sha256:1 holds another image',
    );
  });

  it('is refused in the words of the engine, or of the archive that is damaged', async () => {
    const load = () => Promise.reject(new Error('unexpected EOF'));
    expect(await loaded({ load })).toBe('invalid: image sha256:1 could not be loaded: unexpected EOF');
    expect(await loaded({}, text('no zstd'))).toBe('invalid: image sha256:1 could not be loaded: this is no zstd data');
  });

  it('is not refused as damaged when it is the engine that does not answer', async () => {
    const images = () => Promise.reject(new Error('connect ECONNREFUSED'));
    expect(await loaded({ images })).toBe("engineUnavailable: the server's Docker engine does not answer: connect ECONNREFUSED");
  });
});
