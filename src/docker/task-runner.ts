import type { Log } from '../base/log.ts';
import type { NodeId } from '../domain/names.ts';
import { reasonOfLoss } from '../domain/node.ts';
import { type TaskResult, type TaskRun, taskOf } from '../domain/task.ts';
import { type ArtifactStore, NodeGoneError, type SecretStore, type TaskRunner } from '../engine/ports.ts';
import { archiveOutput } from './archive.ts';
import { cleanUpTask } from './clean-up.ts';
import { listContainers } from './containers.ts';
import { findCause, messageOf } from './errors.ts';
import { exitReason } from './exit-reason.ts';
import { taskLabels } from './names.ts';
import { ensureNetwork, parseNetworkRange } from './network.ts';
import { ensureServices, prepareServices, serviceContainers, watchServices } from './services.ts';
import { stepEnv } from './step-env.ts';
import { adoptStep, progressOf, runStep, type StepEnd } from './steps.ts';
import { createTaskLog, type TaskLog } from './task-log.ts';
import { identityOf, type TaskHost, type TaskScope } from './task-scope.ts';
import { together } from './together.ts';

export type DockerTaskRunnerOptions = {
  /** This server's id, in the labels of all that it makes: an engine may be shared. */
  readonly instance: string;
  /** Where a node's tasks run; waits while the node can't be reached. Of one that is gone, what is left: it says so when it is asked. */
  readonly hostOf: (nodeId: NodeId, signal: AbortSignal) => Promise<TaskHost>;
  readonly artifacts: ArtifactStore;
  readonly secrets: SecretStore;
  /** The addresses of the tasks' networks, as `10.83.0.0/16`. */
  readonly networkRange: string;
  readonly log: Log;
  /** From SIGTERM to SIGKILL; rounded up to seconds, as the engine takes it. @default 10000 */
  readonly stopGraceMs?: number;
};

const STOP_GRACE_MS = 10_000;

/** Runs tasks on Docker engines. Throws when the network range is none. */
export const createDockerTaskRunner = (options: DockerTaskRunnerOptions): TaskRunner => {
  const { artifacts, secrets, log } = options;
  const range = parseNetworkRange(options.networkRange);

  const scopeOf = async (run: TaskRun, say: TaskScope['say'], signal: AbortSignal): Promise<TaskScope> => ({
    run,
    ...taskOf(run),
    labels: taskLabels(options.instance, run),
    ...(await options.hostOf(run.nodeId, signal)),
    say,
    log: logOfTask(log, run),
    stopGraceMs: options.stopGraceMs ?? STOP_GRACE_MS,
  });

  /** The task from wherever it stands to its verdict; an earlier run's step goes first, whatever the signal says. */
  const perform = async (scope: TaskScope, taskLog: TaskLog, signal: AbortSignal): Promise<TaskResult> => {
    const folder = await openWorkspace(scope, taskLog);
    const found = await listContainers(scope.engine, scope.labels);
    const { begun, next } = progressOf(found);
    const stepsBegan = begun !== null || next > 1;
    const steps = scope.run.spec.steps.length;
    let stopWatching = watchServices(scope, stepsBegan ? serviceContainers(found) : []);
    try {
      if (begun !== null) {
        const end = await adoptStep(scope, begun.step, begun.container, signal);
        if (isLast(end) || begun.step === steps) return resultOf(end);
      }

      const [networkId, env, services] = await together(signal, [
        aborted => ensureNetwork(scope.engine, range, networkRequest(scope), aborted),
        () => stepEnv(scope, secrets),
        async aborted => (stepsBegan ? [] : await prepareServices(scope, aborted)),
      ]);
      if (!stepsBegan) {
        const running = await ensureServices(scope, services, { networkId, found }, signal);
        stopWatching = watchServices(scope, running);
      }

      for (let step = next; ; step += 1) {
        const end = await runStep(scope, step, { networkId, folder, env }, signal);
        if (isLast(end) || step === steps) return resultOf(end);
      }
    } finally {
      await stopWatching();
    }
  };

  const run: TaskRunner['run'] = async (task, signal) => {
    const taskLog = createTaskLog(error =>
      logOfTask(log, task).warn({ err: error }, "Alfred's log of the task can't be written"),
    );
    try {
      const scope = await scopeOf(task, taskLog.say, signal);
      const result = await perform(scope, taskLog, signal).catch(error => failure(scope, error, signal));
      await taskLog.written();
      await archiveOutput(scope, artifacts);
      return await withWhatIsLeft(scope, result);
    } catch (error) {
      // Also when it was told to stop while its node could not be reached.
      return signal.aborted ? { type: 'stopped' } : { type: 'broken', reason: messageOf(error) };
    } finally {
      await taskLog.close();
    }
  };

  return { run, cleanUp: async task => cleanUpTask(await scopeOf(task, () => undefined, new AbortController().signal)) };
};

/** Makes the task's folders, and gives Alfred's own words a place in them. */
const openWorkspace = async ({ workspace, fullName, name }: TaskScope, taskLog: TaskLog): Promise<string> => {
  try {
    return await workspace.ensure(fullName);
  } finally {
    // Also when the node is gone: logs may be kept elsewhere, and are the place to say it.
    taskLog.openWith(() => workspace.openLog(fullName, `${name}-alfred.log`));
  }
};

/** Room for the services and the one step that runs. */
const networkRequest = (scope: TaskScope) => ({
  ...identityOf(scope, { type: 'network' }),
  containers: scope.run.spec.services.length + 1,
});

const isLast = (end: StepEnd): boolean => end.type === 'stopped' || end.exit.code !== 0;

const resultOf = (end: StepEnd): TaskResult => {
  if (end.type === 'stopped') return end;
  const reason = exitReason(end.exit);
  return { type: 'exited', code: end.exit.code, ...(reason !== null && { reason }) };
};

/** The result of a run that did not get to the end of its steps. */
const failure = (scope: TaskScope, error: unknown, signal: AbortSignal): TaskResult => {
  if (signal.aborted) {
    scope.say('stopped before its steps had ended');
    return { type: 'stopped' };
  }
  const gone = findCause(error, NodeGoneError);
  const reason = gone === null ? messageOf(error) : reasonOfLoss(gone.message);
  scope.say(reason);
  scope.log.warn({ err: error }, 'the task could not be run');
  return { type: 'broken', reason };
};

/** Whether there is something to look into, where that decides if the task is kept and the result does not say it. */
const withWhatIsLeft = async (scope: TaskScope, result: TaskResult): Promise<TaskResult> =>
  result.type === 'exited' || scope.run.spec.keepFailedMs === 0 ? result : { ...result, stepBegan: await hasBegun(scope) };

const hasBegun = async ({ engine, labels, log }: TaskScope): Promise<boolean> => {
  try {
    return progressOf(await listContainers(engine, labels)).begun !== null;
  } catch (error) {
    log.warn({ err: error }, 'whether there is something to look into can not be told: the task is not kept');
    return false;
  }
};

const logOfTask = (log: Log, run: TaskRun): Log => {
  const named = (fields: object) => ({ job: run.jobId, task: taskOf(run).name, ...fields });
  return {
    debug: (fields, message) => log.debug(named(fields), message),
    info: (fields, message) => log.info(named(fields), message),
    warn: (fields, message) => log.warn(named(fields), message),
    error: (fields, message) => log.error(named(fields), message),
  };
};
