/** The containers of a task on its engine: found, made, started, stopped, waited for, removed. */
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { UnreachableError } from '../engine/ports.ts';
import { ask, askOnce, change, changeOnce, retried } from './calls.ts';
import type { Engine } from './engine.ts';
import { EngineError, findCause, hasStatus } from './errors.ts';
import type { ContainerExit } from './exit-reason.ts';
import { hasLabels, type Labels, labelFilter } from './names.ts';
import { isAmbiguous, removeTwins } from './network.ts';
import { openStream, textOf } from './stream.ts';

/** A container as a list of the engine shows it. */
export type FoundContainer = {
  readonly id: string;
  readonly labels: Readonly<Record<string, string | undefined>>;
  /** `created`: it never started, and may be in the making still. `running` includes paused ones. */
  readonly state: 'created' | 'running' | 'ended';
};

/** The containers with all these labels, whatever their state. */
export const listContainers = async (
  engine: Engine,
  labels: Labels,
  signal?: AbortSignal,
): Promise<readonly FoundContainer[]> => {
  const list = await ask(
    'list containers',
    abortSignal => engine.docker.listContainers({ all: true, filters: labelFilter(labels), abortSignal }),
    signal,
  );
  return list.map(({ Id: id, Labels: found, State }) => ({ id, labels: found, state: stateOf(State) }));
};

const stateOf = (state: string): FoundContainer['state'] => {
  if (state === 'created') return 'created';
  return ['running', 'paused', 'restarting'].includes(state) ? 'running' : 'ended';
};

/** What a container is made of: the body of the engine's own API. */
export type ContainerSpec = Omit<Docker.ContainerCreateOptions, 'name' | 'Labels'>;

/** What a container is to be: its name, what marks it, what it is made of. */
export type ContainerRequest = { readonly name: string; readonly labels: Labels; readonly spec: ContainerSpec };

/** How long a name may be taken by a container that nobody can see. */
const UNSEEN_LIMIT_MS = 30_000;
const UNSEEN_WAIT_MS = 100;

/** `isNew`: it was made now, and not by an earlier run. */
export type EnsuredContainer = { readonly id: string; readonly isNew: boolean };

/**
 * Makes a container under its name, or finds the one that an earlier run made there. Rejects when the name is taken by anything
 * else. The engine takes a name when it begins to make a container, lists it somewhat later, and knows it when it is done: so after
 * a crash in between, the name can be neither taken nor looked up for a while.
 */
export const ensureContainer = async (
  engine: Engine,
  request: ContainerRequest,
  signal: AbortSignal,
): Promise<EnsuredContainer> => {
  const giveUpAt = Date.now() + UNSEEN_LIMIT_MS;
  for (;;) {
    try {
      return { id: await createContainer(engine, request, signal), isNew: true };
    } catch (error) {
      if (!hasStatus(error, 409)) throw error;
      const found = await findContainer(engine, request, signal);
      if (found !== null) return { id: found, isNew: false };
      if (Date.now() > giveUpAt) throw error;
      await delay(UNSEEN_WAIT_MS, undefined, { signal });
    }
  }
};

const createContainer = async (
  engine: Engine,
  { name, labels, spec }: ContainerRequest,
  signal: AbortSignal,
): Promise<string> => {
  // dockerode puts its options into the URL too, unless told apart like this: secrets in the environment are no part of a URL.
  const options = { _query: { name }, _body: { ...spec, Labels: labels } } as Docker.ContainerCreateOptions;
  const { id } = await change(`create container ${name}`, () => engine.docker.createContainer(options), signal);
  return id;
};

/** The task's own container of that name; `null`: there is none to be seen. */
const findContainer = async (engine: Engine, { name, labels }: ContainerRequest, signal: AbortSignal): Promise<string | null> => {
  try {
    const { Id: id, Config } = await ask(`look for container ${name}`, () => engine.docker.getContainer(name).inspect(), signal);
    if (hasLabels(Config.Labels, labels)) return id;
    throw new EngineError(
      `container name ${name} is taken by a container that is not this task's: rename the task or the service`,
    );
  } catch (error) {
    if (hasStatus(error, 404)) return null;
    throw error;
  }
};

/**
 * Starts a container that never started; any other is left as it is. The engine starts an ended container again without a word, and
 * an answer that got lost does not tell whether this one ran: so its state is read before each attempt, and nothing runs twice.
 */
export const startContainer = async (engine: Engine, id: string, signal?: AbortSignal): Promise<void> => {
  const what = 'start container';
  const container = engine.docker.getContainer(id);
  const attempt = async (): Promise<void> => {
    const { State, HostConfig } = await ask(what, () => container.inspect(), signal);
    if (State.Status !== 'created') return;
    try {
      await changeOnce(what, () => container.start(), signal);
    } catch (error) {
      if (!isAmbiguous(error)) throw error;
      await removeTwins(engine, HostConfig.NetworkMode ?? '');
      await changeOnce(what, () => container.start(), signal);
    }
  };
  try {
    await retried(what, attempt, signal);
  } catch (error) {
    if (!hasStatus(error, 304)) throw error;
  }
};

/** Beyond the grace period, the time in which an engine that was told to kill must have done so. */
const KILL_LIMIT_MS = 15_000;

/**
 * SIGTERM (or the image's own stop signal), the grace period, SIGKILL. Resolves when the container has ended: with `false` when it
 * had ended before.
 */
export const stopContainer = async (engine: Engine, id: string, graceMs: number): Promise<boolean> => {
  const what = 'stop container';
  const stop = () => engine.docker.getContainer(id).stop({ t: Math.ceil(graceMs / 1_000) });
  try {
    // The limit is each attempt's own: a node that can't be reached may be silent for longer, and runs the container on.
    await retried(what, () => askOnce(what, stop, undefined, graceMs + KILL_LIMIT_MS));
    return true;
  } catch (error) {
    if (hasStatus(error, 304, 404)) return false;
    throw error;
  }
};

/** Between two attempts to wait for a container while the engine is away. */
const REWAIT_MS = 1_000;

/**
 * Waits for the container's end, however long, over restarts of the engine and broken connections. Only for a container that was
 * started: `not-running` is also true of one that never was. With that, one call serves a container that runs, one that ended while
 * it was started, and one found after a crash. `null`: it is gone.
 */
export const waitForEnd = async (engine: Engine, id: string, signal: AbortSignal): Promise<ContainerExit | null> => {
  const request = { method: 'POST', path: `/containers/${id}/wait`, query: { condition: 'not-running' } } as const;
  let engineWasAway = false;
  for (;;) {
    try {
      await textOf('wait for container', await openStream(engine, 'wait for container', request, signal));
      const exit = await readExit(engine, id, signal);
      return exit && { ...exit, engineWasAway };
    } catch (error) {
      signal.throwIfAborted();
      if (hasStatus(error, 404)) return null;
      if (!(error instanceof EngineError && error.transient)) throw error;
      // Behind a broken connection the engine may have been there all the time.
      const unreachable = findCause(error, UnreachableError);
      engineWasAway ||= error.status === null && unreachable === null;
      await unreachable?.reachable(signal);
      await delay(REWAIT_MS, undefined, { signal });
    }
  }
};

const SIGKILLED = 128 + 9;

/** The news that the kernel killed for want of memory takes another way than that of the end, and may come after it. */
const OUT_OF_MEMORY_NEWS_MS = 250;

/** How a container ended; `null`: it is gone, or on its way out. Rejects with a 404 when it is gone. */
const readExit = async (
  engine: Engine,
  id: string,
  signal: AbortSignal,
): Promise<Omit<ContainerExit, 'engineWasAway'> | null> => {
  const inspect = () =>
    askOnce('inspect container', abortSignal => engine.docker.getContainer(id).inspect({ abortSignal }), signal);
  let { State } = await inspect();
  if (State.Status === 'removing' || State.Dead) return null;
  // The answer to `wait` came and the container runs: somebody started it again. It is not over.
  if (State.Running) throw new EngineError('the container runs again', { status: 409, transient: true });
  if (State.ExitCode === SIGKILLED && !State.OOMKilled) {
    await delay(OUT_OF_MEMORY_NEWS_MS, undefined, { signal });
    ({ State } = await inspect());
  }
  return { code: State.ExitCode, outOfMemory: State.OOMKilled };
};

/** Kills and removes a container with its anonymous volumes, and waits until it is gone; gone already is fine. */
export const removeContainer = async (engine: Engine, id: string): Promise<void> => {
  try {
    await change('remove container', () => engine.docker.getContainer(id).remove({ force: true, v: true }));
  } catch (error) {
    if (hasStatus(error, 404)) return;
    if (!hasStatus(error, 409)) throw error;
    await removalByOthers(engine, id);
  }
};

const REMOVAL_LIMIT_MS = 30_000;

/** The engine is removing it for somebody else (409). */
const removalByOthers = async (engine: Engine, id: string): Promise<void> => {
  const what = 'wait for removal';
  const request = { method: 'POST', path: `/containers/${id}/wait`, query: { condition: 'removed' } } as const;
  const wait = async (signal: AbortSignal) => textOf(what, await openStream(engine, what, request, signal));
  try {
    await retried(what, () => askOnce(what, wait, undefined, REMOVAL_LIMIT_MS));
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
  }
};
