/**
 * A task's steps. The engine itself remembers how far a task came: a step's container is made before it is started and stays until
 * the task's clean-up, so a run after a crash reads off what was done. Created and never started: it is started. Running: it is
 * waited for. Ended: it is read. None: the step had not begun, unless its log file is there: that is made between the making and
 * the start of the container, so a file without a container says that the container vanished, and the step is not run again.
 */
import type { LogWriter } from '../engine/ports.ts';
import {
  type EnsuredContainer,
  ensureContainer,
  type FoundContainer,
  removeContainer,
  startContainer,
  stopContainer,
  waitForEnd,
} from './containers.ts';
import { messageOf } from './errors.ts';
import { type ContainerExit, describeExit, exitReason } from './exit-reason.ts';
import { BYTE_EXACT_LOG, copyLog } from './logs.ts';
import { stepOf } from './names.ts';
import { containerSpec, identityOf, type TaskScope } from './task-scope.ts';

/** A step could not be run, or not to its end. */
export class StepError extends Error {
  override readonly name = 'StepError';
}

/** What steps run in. */
export type StepPlace = {
  readonly networkId: string;
  /** The task's folder on the engine's host. */
  readonly folder: string;
  /** `NAME=value` each. */
  readonly env: readonly string[];
};

/** `stopped`: the signal ended it, before it did itself. */
export type StepEnd = { readonly type: 'exited'; readonly exit: ContainerExit } | { readonly type: 'stopped' };

/** Where the workspace is in a step's container. */
const MOUNT_POINT = '/alfred';

/** Exit codes of a process that SIGTERM and SIGKILL killed. */
const STOP_CODES: readonly number[] = [128 + 15, 128 + 9];

/** How far an earlier run came. */
export type Progress = {
  /** The step that was started last, with its container; `null`: none was. */
  readonly begun: { readonly step: number; readonly container: FoundContainer } | null;
  /** The first step that never started. Those before it, but for the begun one, exited 0. */
  readonly next: number;
};

/** Reads a task's progress off its containers. Those of early steps may be gone: a later step's container says that they exited 0. */
export const progressOf = (found: readonly FoundContainer[]): Progress => {
  const last = found.flatMap(numbered).toSorted((a, b) => b.step - a.step)[0];
  if (last === undefined) return { begun: null, next: 1 };
  return last.container.state === 'created' ? { begun: null, next: last.step } : { begun: last, next: last.step + 1 };
};

const numbered = (container: FoundContainer): readonly { readonly step: number; readonly container: FoundContainer }[] => {
  const step = stepOf(container.labels);
  return step === null ? [] : [{ step, container }];
};

/** Runs a step that never started. `step`: its number, from 1. Rejects with {@link StepError}, or when the signal came before its start. */
export const runStep = async (scope: TaskScope, step: number, place: StepPlace, signal: AbortSignal): Promise<StepEnd> => {
  const { engine } = scope;
  const { id: containerId, isNew } = await ensureStep(scope, step, place, signal);
  return withLog(scope, step, async log => {
    if (isNew && !log.isNew) {
      await removeContainer(engine, containerId);
      throw new StepError(`step ${step} had started, and its container vanished: it is not run a second time`);
    }
    await startStep(scope, step, containerId, signal);
    return await seeThrough(scope, step, containerId, log, signal);
  });
};

/** Goes on with a step that an earlier run had started. */
export const adoptStep = (scope: TaskScope, step: number, container: FoundContainer, signal: AbortSignal): Promise<StepEnd> =>
  withLog(scope, step, async log => {
    const stoppedBefore = signal.aborted;
    const end = await seeThrough(scope, step, container.id, log, signal);
    // The earlier run may have been told to stop, and have crashed after it had told the container.
    return stoppedBefore && end.type === 'exited' && STOP_CODES.includes(end.exit.code) ? { type: 'stopped' } : end;
  });

const ensureStep = async (scope: TaskScope, step: number, place: StepPlace, signal: AbortSignal): Promise<EnsuredContainer> => {
  const role = { type: 'step', step } as const;
  const wanted = scope.run.spec.steps[step - 1] ?? '';
  const image = await scope.images.ensure(wanted, scope.say, signal);
  if (image === null) throw new StepError(`step ${step}: image ${wanted} is not on the engine; run the job again to upload it`);
  const base = containerSpec(scope, role, { image: image.reference, volumes: image.volumes, networkId: place.networkId });
  const workspace = { Type: 'bind' as const, Source: place.folder, Target: MOUNT_POINT };
  const spec = {
    ...base,
    Env: [...place.env],
    HostConfig: {
      ...base.HostConfig,
      Mounts: [...(base.HostConfig.Mounts ?? []).filter(({ Target }) => Target !== MOUNT_POINT), workspace],
      LogConfig: BYTE_EXACT_LOG,
    },
  };
  return ensureContainer(scope.engine, { ...identityOf(scope, role), spec }, signal);
};

/** Not cut by a cancel: a start that was asked for may happen, and what runs must be seen through, be it to be stopped. */
const startStep = async ({ engine }: TaskScope, step: number, containerId: string, signal: AbortSignal): Promise<void> => {
  signal.throwIfAborted();
  try {
    await startContainer(engine, containerId);
  } catch (error) {
    throw new StepError(`step ${step} could not start: ${messageOf(error)}`, { cause: error });
  }
};

const withLog = async <T>(scope: TaskScope, step: number, use: (log: LogWriter) => Promise<T>): Promise<T> => {
  const log = await scope.workspace.openLog(scope.fullName, `${scope.name}-step-${step}.log`);
  try {
    return await use(log);
  } finally {
    await log.close();
  }
};

/** Copies a started step's output until the container has ended, by itself or by the signal. */
const seeThrough = async (
  scope: TaskScope,
  step: number,
  containerId: string,
  log: LogWriter,
  signal: AbortSignal,
): Promise<StepEnd> => {
  const { engine } = scope;
  const lifetime = new AbortController();
  const ended = waitForEnd(engine, containerId, lifetime.signal);
  const copied = copyLog(engine, containerId, log, ended, lifetime.signal);
  const stop = stopOnAbort(scope, containerId, signal, error => lifetime.abort(error));
  try {
    // The copy fails before the container's end when the log can't be written.
    const exit = await Promise.race([ended, copied.then(() => ended)]);
    if (exit === null) throw new StepError(`step ${step}: its container was removed while it ran`);
    await copied;
    if (await stop.tookHold()) return { type: 'stopped' };
    if (exit.engineWasAway)
      scope.say(`the Docker engine was away while step ${step} ran; one that restarts stops what runs on it`);
    if (exitReason(exit) !== null) scope.say(`step ${step} ${describeExit(exit)}`);
    return { type: 'exited', exit };
  } catch (error) {
    // Nobody would see what it goes on to do.
    await stopContainer(engine, containerId, scope.stopGraceMs).catch(() => undefined);
    throw error;
  } finally {
    stop.forget();
    lifetime.abort();
    await Promise.allSettled([ended, copied]);
  }
};

/** Stops the container once the signal aborts. `onFailure`: it can't be stopped, and waiting for its end is in vain. */
const stopOnAbort = (scope: TaskScope, containerId: string, signal: AbortSignal, onFailure: (error: unknown) => void) => {
  let stopping: Promise<boolean> | null = null;
  const stop = (): void => {
    stopping = stopContainer(scope.engine, containerId, scope.stopGraceMs);
    stopping.then(
      tookHold => tookHold && scope.say('stopped'),
      error => {
        scope.log.warn({ err: error }, 'a step could not be stopped');
        onFailure(error);
      },
    );
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return {
    /** Whether the container ran when it was told to stop. */
    tookHold: async (): Promise<boolean> => (await stopping) ?? false,
    forget: () => signal.removeEventListener('abort', stop),
  };
};
