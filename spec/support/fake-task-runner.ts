import { type TaskKey, taskKey } from '../../src/domain/names.ts';
import type { TaskResult, TaskRun } from '../../src/domain/task.ts';
import type { TaskRunner } from '../../src/engine/ports.ts';

/** Tasks without containers: what stands for an image is what the step does, `exit 42` or `wait` (until it is told to stop). */
export type FakeTasks = {
  /** A runner that knows nothing but what is in this world: a second one is what a server has after a crash. */
  newRunner(): TaskRunner;
  /** The steps of a task that were started, by number, in the order of their starts. */
  begun(task: TaskRun): readonly number[];
  hasArtifact(task: TaskRun): boolean;
  /** Whether something of the task is left on its node. */
  isThere(task: TaskRun): boolean;
  /** Resolves when a step that waits has started. */
  waiting(task: TaskRun): Promise<void>;
};

type FakeTask = {
  readonly begun: number[];
  readonly ended: Map<number, TaskResult>;
  readonly waiting: PromiseWithResolvers<void>;
};

export const createFakeTasks = (): FakeTasks => {
  const tasks = new Map<TaskKey, FakeTask>();
  const artifacts = new Set<TaskKey>();
  const keyOf = ({ jobId, index }: TaskRun): TaskKey => taskKey(jobId, index);

  const ensure = (key: TaskKey): FakeTask => {
    const task = tasks.get(key) ?? { begun: [], ended: new Map(), waiting: Promise.withResolvers<void>() };
    tasks.set(key, task);
    return task;
  };

  const endOf = async (task: FakeTask, command: string, signal: AbortSignal): Promise<TaskResult> => {
    if (command === 'wait') {
      task.waiting.resolve();
      await untilAborted(signal);
      return { type: 'stopped' };
    }
    return { type: 'exited', code: Number(command.replace('exit ', '')) };
  };

  const runStep = async (task: FakeTask, step: number, command: string, signal: AbortSignal): Promise<TaskResult> => {
    const ended = task.ended.get(step);
    if (ended !== undefined) return ended;
    if (!task.begun.includes(step)) {
      if (signal.aborted) return { type: 'stopped' };
      if (!/^(exit \d+|wait)$/.test(command)) return { type: 'broken', reason: `step ${step}: there is no image ${command}` };
      task.begun.push(step);
    }
    const end = await endOf(task, command, signal);
    task.ended.set(step, end);
    return end;
  };

  const run: TaskRunner['run'] = async (task, signal) => {
    const key = keyOf(task);
    const found = ensure(key);
    let result: TaskResult = { type: 'exited', code: 0 };
    for (const [index, command] of task.spec.steps.entries()) {
      result = await runStep(found, index + 1, command, signal);
      if (result.type !== 'exited' || result.code !== 0) break;
    }
    artifacts.add(key);
    return result;
  };

  return {
    newRunner: () => ({
      run,
      cleanUp: async task => {
        tasks.delete(keyOf(task));
      },
    }),
    begun: task => tasks.get(keyOf(task))?.begun ?? [],
    hasArtifact: task => artifacts.has(keyOf(task)),
    isThere: task => tasks.has(keyOf(task)),
    waiting: task => ensure(keyOf(task)).waiting.promise,
  };
};

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
