import { NEVER, Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import type { JobSpec, Submission } from '../../src/domain/job.ts';
import type { JobId, NodeId } from '../../src/domain/names.ts';
import { type TaskResult, type TaskRun, taskOf } from '../../src/domain/task.ts';
import { createEngine, type EngineOptions } from '../../src/engine/engine.ts';
import { NodeGoneError, type NodeNews, type TaskRunner } from '../../src/engine/ports.ts';
import { emptyStatus, foldTurn, startingStatus } from '../../src/engine/status.ts';
import { createViews } from '../../src/engine/views.ts';
import { createLocalProvisioner } from '../../src/provisioner/local.ts';
import type { SchedulerConfig } from '../../src/scheduler/config.ts';
import type { Fact } from '../../src/scheduler/fact.ts';
import { createMemoryJournal } from '../support/memory-journal.ts';
import { createVirtualTime } from '../support/virtual-time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const config: SchedulerConfig = {
  maxNodes: 2,
  slotsPerNode: 2,
  taskStartupDelayMs: 1_000,
  taskTimeoutMs: 5 * HOUR,
  provisioningDelayMs: 20_000,
  provisioningFailureCooldownMs: MINUTE,
  nodeIdleTimeoutMs: 0,
};

const job = 'test-red-fox' as JobId;

const submission = (...tasks: readonly string[]): Submission => {
  const spec: JobSpec = {
    name: 'test',
    about: '',
    steps: ['sha256:1'],
    env: [],
    secrets: [],
    services: [],
    tasks: tasks.map(name => ({ name, slots: 1 })),
    keepFailedMs: 0,
  };
  return { spec, jobfile: '', commandLine: '', startedBy: '' };
};

/** An engine in a world where a task named `<what>-<minutes>m…` does that for so long. */
const world = (overrides: Partial<EngineOptions> = {}, facts: readonly Fact[] = []) => {
  const { time, advance, wait, now } = createVirtualTime();
  const journal = createMemoryJournal(facts);
  const diary: string[] = [];
  const say = (line: string): void => void diary.push(`${now() / 1_000}s ${line}`);

  const runner: TaskRunner = {
    run: async (run, signal) => {
      say(`run ${taskOf(run).name}`);
      const result = await Promise.race([lifeOf(run), stopped(signal)]);
      say(`${result.type} ${taskOf(run).name}`);
      return result;
    },
    cleanUp: async run => say(`clean up ${taskOf(run).name}`),
  };
  const lifeOf = async (run: TaskRun): Promise<TaskResult> => {
    const [, what, minutes] = /^(\w+)-(\d+)m/.exec(taskOf(run).name) ?? [];
    await wait(Number(minutes) * MINUTE);
    if (what === 'reject') throw new Error('a bug in the runner');
    return { type: 'exited', code: what === 'fail' ? 1 : 0 };
  };
  const stopped = (signal: AbortSignal): Promise<TaskResult> =>
    new Promise(resolve => signal.addEventListener('abort', () => resolve({ type: 'stopped' }), { once: true }));

  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const onBug = vi.fn();
  const engine = createEngine({ config, runner, provisioner: createLocalProvisioner(), journal, log, onBug, time, ...overrides });
  const past = foldTurn(emptyStatus, facts).jobs;
  const views = createViews(
    engine.turns$,
    NEVER,
    startingStatus(engine.startingState, { job: id => past.get(id) ?? null, finishedJobs: () => [], place: () => 0 }),
    onBug,
  );
  engine.start();
  const states = (): readonly string[] =>
    views
      .job(job)
      ?.tasks.map(({ name, state }) => `${name} ${state}`)
      .toArray() ?? [];
  return { engine, views, journal, advance, diary, log, onBug, states };
};

describe('the engine', () => {
  it('runs a job to its end, one start per second and node, and cleans up after each end', async () => {
    const { engine, advance, diary, states, views } = world();
    const accepted = engine.submit(job, submission('ok-1m', 'fail-2m'));
    await advance(10 * MINUTE);
    expect(await accepted).toBeNull();
    expect(states()).toEqual(['ok-1m completed', 'fail-2m failed']);
    expect(views.job(job)?.completedAt).toBe(121_000);
    expect(diary).toEqual([
      '0s run ok-1m',
      '1s run fail-2m',
      '60s exited ok-1m',
      '60s clean up ok-1m',
      '121s exited fail-2m',
      '121s clean up fail-2m',
    ]);
  });

  it('answers a submission when it is journalled, not before', async () => {
    const { engine, advance, journal } = world();
    let kept: readonly string[] = [];
    void engine.submit(job, submission('ok-1m')).then(() => {
      kept = journal.facts.map(({ type }) => type);
    });
    await advance(0);
    expect(kept).toContain('jobScheduled');
  });

  it('shows a task as running before it runs', async () => {
    let seen: readonly string[] = [];
    const runner: TaskRunner = {
      run: async () => {
        seen = states();
        return { type: 'exited', code: 0 };
      },
      cleanUp: async () => {},
    };
    const { engine, advance, states } = world({ runner });
    void engine.submit(job, submission('a'));
    await advance(MINUTE);
    expect(seen).toEqual(['a running']);
  });

  it('times a task out when its time is over, to the second', async () => {
    const { engine, advance, states, views } = world();
    void engine.submit(job, submission('ok-600m'));
    await advance(5 * HOUR - 1);
    expect(states()).toEqual(['ok-600m running']);
    await advance(1);
    expect(states()).toEqual(['ok-600m timedOut']);
    expect(views.job(job)?.completedAt).toBe(5 * HOUR);
  });

  it('sleeps longer than a timer can: forty days until a timeout', async () => {
    const { engine, advance, states } = world({ config: { ...config, taskTimeoutMs: 40 * 24 * HOUR } });
    void engine.submit(job, submission('ok-99999m'));
    await advance(40 * 24 * HOUR - 1);
    expect(states()).toEqual(['ok-99999m running']);
    await advance(1);
    expect(states()).toEqual(['ok-99999m timedOut']);
  });

  it('cancels a job: what runs is stopped, what waits never runs', async () => {
    const { engine, advance, diary, states } = world();
    void engine.submit(job, submission('ok-9m', 'ok-8m', 'ok-7m', 'ok-6m', 'ok-5m', 'ok-4m'));
    await advance(500);
    const cancelled = engine.cancelJob(job);
    await advance(MINUTE);
    expect(await cancelled).toBeNull();
    expect(new Set(states().map(line => line.split(' ')[1]))).toEqual(new Set(['aborted']));
    expect(diary.filter(line => line.includes('run'))).toEqual(['0s run ok-9m']);
  });

  it('cancels one task and lets the others be', async () => {
    const { engine, advance, states } = world();
    void engine.submit(job, submission('ok-5m', 'ok-4m'));
    await advance(2_000);
    void engine.cancelTask(job, 0);
    await advance(10 * MINUTE);
    expect(states()).toEqual(['ok-5m aborted', 'ok-4m completed']);
  });

  it('ends a task whose runner failed as FAILED, says so in the log, and goes on', async () => {
    const { engine, advance, states, views, log } = world();
    void engine.submit(job, submission('reject-1m', 'ok-3m'));
    await advance(10 * MINUTE);
    expect(states()).toEqual(['reject-1m failed', 'ok-3m completed']);
    expect(views.job(job)?.tasks.get(0)).toMatchObject({ exitCode: -1, reason: 'a bug in the runner' });
    expect(log.error).toHaveBeenCalledWith(expect.objectContaining({ task: 'reject-1m' }), 'the task runner failed');
  });

  it('drains: refuses new jobs, stops what runs, and is done when all is cleaned up', async () => {
    const { engine, advance, diary, states } = world();
    void engine.submit(job, submission('ok-9m', 'ok-8m', 'ok-7m'));
    await advance(2_000);
    const drained = engine.drain().then(() => diary.push('drained'));
    const late = engine.submit('late-red-fox' as JobId, submission('a'));
    await advance(MINUTE);
    await drained;
    expect(await late).toMatchObject({ type: 'shuttingDown' });
    expect(new Set(states().map(line => line.split(' ')[1]))).toEqual(new Set(['aborted']));
    expect(diary.at(-1)).toBe('drained');
    expect(diary.filter(line => line.includes('clean up'))).toHaveLength(2);
  });

  it('drains at once when there is nothing to do', async () => {
    const { engine, advance } = world();
    await advance(0);
    const drained = engine.drain();
    await advance(0);
    await expect(drained).resolves.toBeUndefined();
  });
});

describe('a journal that takes nothing', () => {
  it('refuses submissions, and the server goes on', async () => {
    const { engine, advance, journal, views } = world();
    await advance(0);
    journal.fill();
    const refused = engine.submit(job, submission('ok-1m'));
    await advance(0);
    expect(await refused).toEqual({
      type: 'notDurable',
      message: "the server can't store the job now, try again later: the disk is full",
    });
    expect(views.job(job)).toBeUndefined();
    journal.free();
    const accepted = engine.submit(job, submission('ok-1m'));
    await advance(10 * MINUTE);
    expect(await accepted).toBeNull();
    expect(views.job(job)?.completedAt).not.toBeNull();
  });

  it('loses no end of a task: it is told again until it is kept', async () => {
    const { engine, advance, journal, states, diary, log } = world();
    void engine.submit(job, submission('ok-1m', 'ok-2m'));
    await advance(2_000);
    journal.fill();
    await advance(5 * MINUTE);
    expect(states()).toEqual(['ok-1m running', 'ok-2m running']);
    expect(diary.filter(line => line.includes('clean up'))).toEqual([]);
    expect(log.error).toHaveBeenCalled();
    journal.free();
    await advance(2_000);
    expect(states()).toEqual(['ok-1m completed', 'ok-2m completed']);
    expect(diary.filter(line => line.includes('clean up'))).toHaveLength(2);
  });
});

describe('an engine after a crash', () => {
  it('runs on what ran and what was queued, and cleans up what ended', async () => {
    const before = world();
    void before.engine.submit(job, submission('ok-1m', 'ok-30m', 'ok-2m', 'ok-1m-x', 'ok-1m-y'));
    await before.advance(90_000);
    const after = world({}, before.journal.facts);
    await after.advance(HOUR);
    expect(
      after.diary
        .filter(line => line.includes('run'))
        .map(line => line.replace(/^\S+ /, ''))
        .sort((one, other) => one.localeCompare(other)),
    ).toEqual(['run ok-1m-y', 'run ok-2m', 'run ok-30m']);
    expect(after.journal.facts.filter(({ type }) => type === 'taskEnded')).toHaveLength(5);
    expect(after.journal.facts.filter(({ type }) => type === 'jobCompleted')).toHaveLength(1);
  });

  it('asks a silent node again until it answers, and gives up its tasks when it is known to be gone', async () => {
    const before = world();
    void before.engine.submit(job, submission('ok-30m'));
    await before.advance(MINUTE);
    let attempts = 0;
    const provisioner = {
      ...createLocalProvisioner(),
      connect: async () => {
        attempts += 1;
        throw attempts < 4 ? new Error('no answer') : new NodeGoneError('the VM is deleted');
      },
    };
    const after = world({ provisioner }, before.journal.facts);
    await after.advance(0);
    expect(after.engine.nodes()).toMatchObject([{ unreachable: { why: 'no answer' } }]);
    await after.advance(MINUTE);
    expect(attempts).toBe(4);
    expect(after.journal.facts.filter(({ type }) => type === 'taskEnded')).toMatchObject([
      { outcome: { type: 'failed', exitCode: -1 } },
    ]);
  });
});

describe('a node that goes out of reach', () => {
  it('is shown as such, keeps its tasks, and is as before when it answers', async () => {
    const news$ = new Subject<NodeNews>();
    const { engine, advance, states } = world({ provisioner: { ...createLocalProvisioner(), news$ } });
    void engine.submit(job, submission('ok-9m'));
    await advance(2_000);
    const nodeId = 'node-1' as NodeId;
    news$.next({ type: 'unreachable', nodeId, why: 'no answer' });
    await advance(0);
    expect(engine.nodes()).toMatchObject([{ id: nodeId, unreachable: { since: 2_000, why: 'no answer' } }]);
    expect(states()).toEqual(['ok-9m running']);
    news$.next({ type: 'reachable', nodeId });
    await advance(0);
    expect(engine.nodes()).toMatchObject([{ id: nodeId, unreachable: null }]);
    await advance(10 * MINUTE);
    expect(states()).toEqual(['ok-9m completed']);
  });

  it('is not asked for any more once it is ended', async () => {
    const before = world();
    void before.engine.submit(job, submission('ok-9m'));
    await before.advance(2_000);
    before.engine.detach();
    const connect = vi.fn(() => Promise.reject(new Error('no answer')));
    const after = world({ provisioner: { ...createLocalProvisioner(), connect } }, before.journal.facts);
    await after.advance(20 * MINUTE);
    expect(after.engine.nodes()).toEqual([]);
    const { length } = connect.mock.calls;
    await after.advance(20 * MINUTE);
    expect(connect).toHaveBeenCalledTimes(length);
  });
});

describe('an engine that no longer listens', () => {
  it.each(['drain', 'detach'] as const)('after %s refuses what it is asked, and lets nobody wait for ever', async ending => {
    const { engine, advance } = world();
    await advance(0);
    void engine[ending]();
    await advance(0);
    const refusals = [engine.submit(job, submission('a')), engine.cancelJob(job), engine.cancelTask(job, 0)];
    expect(await Promise.all(refusals)).toEqual(Array(3).fill(expect.objectContaining({ type: 'shuttingDown' })));
  });

  it('takes what had arrived before it was told to detach', async () => {
    const { engine, advance, journal } = world();
    await advance(0);
    const accepted = engine.submit(job, submission('a'));
    engine.detach();
    await advance(0);
    expect(await accepted).toBeNull();
    expect(journal.facts).toContainEqual(expect.objectContaining({ type: 'jobScheduled', jobId: job }));
  });
});

describe('a bug', () => {
  it('in the scheduler stops the engine, loudly, with the input that it failed on', async () => {
    const { engine, advance, onBug } = world();
    void engine.submit(job, submission('a'));
    void engine.submit(job, submission('a'));
    await advance(0);
    expect(onBug).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ message: 'the scheduler failed on: test-red-fox is submitted: 1 task' }),
    );
  });

  it('in the journal stops the engine, too: only what it throws on purpose is tried again', async () => {
    const { advance, onBug, journal } = brokenJournal();
    await advance(0);
    expect(onBug).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: 'x is not a function' }));
    expect(journal.append).toHaveBeenCalledOnce();
  });

  it('in what performs the orders stops the engine: nothing would be done any more, and nobody would know', async () => {
    const runner: TaskRunner = {
      run: async () => ({ type: 'exited', code: 0 }),
      cleanUp: () => {
        throw new TypeError('x is not a function');
      },
    };
    const { engine, advance, onBug } = world({ runner });
    void engine.submit(job, submission('a'));
    await advance(MINUTE);
    expect(onBug).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: 'x is not a function' }));
  });

  it('leaves the journal alone from then on, whatever the engine is asked', async () => {
    const { engine, advance, journal } = world();
    void engine.submit(job, submission('a'));
    void engine.submit(job, submission('a'));
    await advance(0);
    const kept = journal.facts.length;
    void engine.drain();
    expect(await engine.submit('late-red-fox' as JobId, submission('a'))).toMatchObject({ type: 'shuttingDown' });
    await advance(MINUTE);
    expect(journal.facts).toHaveLength(kept);
  });
});

const brokenJournal = () => {
  const journal = {
    ...createMemoryJournal(),
    append: vi.fn(() => {
      throw new TypeError('x is not a function');
    }),
  };
  return { ...world({ journal }), journal };
};
