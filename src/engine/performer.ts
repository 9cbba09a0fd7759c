import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  from,
  ignoreElements,
  map,
  type Observable,
  of,
  retry,
  Subject,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';
import type { Log } from '../base/log.ts';
import { messageOf } from '../base/message-of.ts';
import { type JobId, type NodeId, type TaskKey, taskKey } from '../domain/names.ts';
import type { Refusal } from '../domain/refusal.ts';
import { type TaskRun, taskOf } from '../domain/task.ts';
import type { Effect } from '../scheduler/effect.ts';
import type { Input, RequestId } from '../scheduler/input.ts';
import { NodeGoneError, type Provisioner, type TaskRunner } from './ports.ts';
import type { Time } from './time.ts';

/** News for the scheduler, before the engine stamps it with the time. */
export type UnstampedInput = WithoutTime<Input>;
type WithoutTime<I> = I extends { readonly at: number } ? Omit<I, 'at'> : never;

/** Does what the scheduler ordered. */
export type Performer = {
  /** Performs on subscription; emits the effect's answer, if it has one; never errors: a failure is an answer too. */
  perform(effect: Effect): Observable<UnstampedInput>;
  /** Tasks whose clean-up is under way. */
  cleaningUp(): readonly TaskRun[];
  /** Resolves when no clean-up is under way. */
  cleanedUp(): Promise<void>;
};

const RECONNECT_DELAY_MS = 5_000;

/** The hands of the scheduler: `answer` is told what came of a request. */
export const createPerformer = ({
  runner,
  provisioner,
  log,
  time,
  answer,
}: {
  readonly runner: TaskRunner;
  readonly provisioner: Provisioner;
  readonly log: Log;
  readonly time: Time;
  readonly answer: (requestId: RequestId, refusal: Refusal | null) => void;
}): Performer => {
  const runs = new Map<TaskKey, AbortController>();
  const provisionings = new Map<NodeId, AbortController>();
  const terminating$ = new Subject<NodeId>();
  const cleanUps = new Map<TaskRun, Promise<void>>();

  const runTask = (run: TaskRun): Observable<UnstampedInput> => {
    const key = taskKey(run.jobId, run.index);
    return abortable(runs, key, signal => runner.run(run, signal)).pipe(
      // The runner never rejects; should it all the same, the task must end, and the bug be seen.
      catchError(error => {
        log.error({ err: error, job: run.jobId, task: taskOf(run).name }, 'the task runner failed');
        return of({ type: 'broken', reason: messageOf(error) } as const);
      }),
      map(result => ({ type: 'taskEnded', jobId: run.jobId, index: run.index, result })),
    );
  };

  const provisionNode = (nodeId: NodeId): Observable<UnstampedInput> =>
    abortable(provisionings, nodeId, signal => provisioner.provision(nodeId, signal)).pipe(
      map((): UnstampedInput => ({ type: 'nodeProvisioned', nodeId })),
      catchError(error => {
        log.warn({ err: error, node: nodeId }, 'the node could not be provisioned');
        return of<UnstampedInput>({ type: 'nodeProvisioningFailed', nodeId, why: messageOf(error) });
      }),
    );

  const connectNode = (nodeId: NodeId): Observable<UnstampedInput> =>
    defer(() => provisioner.connect(nodeId)).pipe(
      ignoreElements(),
      catchError(error => {
        const why = messageOf(error);
        if (error instanceof NodeGoneError) return of<UnstampedInput>({ type: 'nodeLost', nodeId, why });
        return concat(
          of<UnstampedInput>({ type: 'nodeUnreachable', nodeId, why }),
          throwError(() => error),
        );
      }),
      // Silence is no loss: the node is asked again until it answers or is known to be gone, or nobody needs it any more.
      retry({ delay: () => timer(RECONNECT_DELAY_MS, time.scheduler) }),
      takeUntil(terminating$.pipe(filter(id => id === nodeId))),
    );

  const terminateNode = (nodeId: NodeId, attempt: number): Observable<UnstampedInput> =>
    defer(() => {
      terminating$.next(nodeId);
      return provisioner.terminate(nodeId);
    }).pipe(
      map((): UnstampedInput => ({ type: 'nodeTerminated', nodeId, attempt })),
      catchError(error => {
        log.warn({ err: error, node: nodeId, attempt }, 'the node could not be terminated');
        return of<UnstampedInput>({ type: 'nodeTerminationFailed', nodeId, attempt, why: messageOf(error) });
      }),
    );

  const cleanUpTask = (run: TaskRun): Observable<never> =>
    tell(() => {
      const cleanUp = runner
        .cleanUp(run)
        .catch(error => log.error({ err: error, job: run.jobId, task: taskOf(run).name }, 'the task left something behind'))
        .finally(() => cleanUps.delete(run));
      cleanUps.set(run, cleanUp);
    });

  const stopTask = (jobId: JobId, index: number): Observable<never> => tell(() => runs.get(taskKey(jobId, index))?.abort());

  const perform = (effect: Effect): Observable<UnstampedInput> => {
    switch (effect.type) {
      case 'runTask':
        return runTask(effect.run);
      case 'stopTask':
        return stopTask(effect.jobId, effect.index);
      case 'cleanUpTask':
        return cleanUpTask(effect.run);
      case 'provisionNode':
        return provisionNode(effect.nodeId);
      case 'cancelProvisioning':
        return tell(() => provisionings.get(effect.nodeId)?.abort());
      case 'connectNode':
        return connectNode(effect.nodeId);
      case 'terminateNode':
        return terminateNode(effect.nodeId, effect.attempt);
      case 'answer':
        return tell(() => answer(effect.requestId, effect.refusal));
    }
  };

  const cleanedUp = async (): Promise<void> => {
    while (cleanUps.size > 0) await Promise.all(cleanUps.values());
  };

  return { perform, cleaningUp: () => [...cleanUps.keys()], cleanedUp };
};

/** Starts `work` under a signal that others reach by `key` as long as it is under way. */
const abortable = <Key, T>(
  controllers: Map<Key, AbortController>,
  key: Key,
  work: (signal: AbortSignal) => Promise<T>,
): Observable<T> =>
  defer(() => {
    const controller = new AbortController();
    controllers.set(key, controller);
    return from(work(controller.signal).finally(() => controllers.delete(key)));
  });

/** An effect that answers nothing. */
const tell = (act: () => void): Observable<never> =>
  defer(() => {
    act();
    return EMPTY;
  });
