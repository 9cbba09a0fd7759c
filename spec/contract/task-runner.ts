/** What every task runner does. The fake's spec and the real one's run it over themselves. */
import { expect, it } from 'vitest';
import type { TaskRun } from '../../src/domain/task.ts';
import type { TaskRunner } from '../../src/engine/ports.ts';

/** What a step does: exits with a code, waits until it is told to stop, or is of an image that is not there. */
export type Step = { readonly exit: number } | 'waits' | 'isMissing';

export type TaskRunnerUnderTest = AsyncDisposable & {
  readonly runner: TaskRunner;
  /** A task of one job, with these steps. */
  task(...steps: readonly Step[]): Promise<TaskRun>;
  /** The numbers of the steps that were started, in the order of their starts. Asked before the clean-up. */
  begun(task: TaskRun): Promise<readonly number[]>;
  /** Resolves when the task is in a step that waits. */
  waiting(task: TaskRun): Promise<void>;
  hasArtifact(task: TaskRun): Promise<boolean>;
  /** Whether something of the task is left on its node. */
  isThere(task: TaskRun): Promise<boolean>;
  /** Starts the task, and kills the runner when the task is in a step that waits; returns another runner for the same node. */
  crashWhileWaiting(task: TaskRun): Promise<TaskRunner>;
};

const never = new AbortController().signal;

export const taskRunnerContract = (
  name: string,
  suite: (title: string, specs: () => void) => void,
  open: () => Promise<TaskRunnerUnderTest>,
): void => {
  suite(`${name}: a task's run`, () => {
    it('runs the steps one after the other and ends with 0', async () => {
      await using test = await open();
      const task = await test.task({ exit: 0 }, { exit: 0 }, { exit: 0 });
      expect(await test.runner.run(task, never)).toEqual({ type: 'exited', code: 0 });
      expect(await test.begun(task)).toEqual([1, 2, 3]);
      expect(await test.hasArtifact(task)).toBe(true);
      await test.runner.cleanUp(task);
    });

    it.each([1, 42, 43])('ends with the first step that exits otherwise, with its code %i', async code => {
      await using test = await open();
      const task = await test.task({ exit: 0 }, { exit: code }, { exit: 0 });
      expect(await test.runner.run(task, never)).toEqual({ type: 'exited', code });
      expect(await test.begun(task)).toEqual([1, 2]);
      expect(await test.hasArtifact(task)).toBe(true);
      await test.runner.cleanUp(task);
    });

    it('is broken, with a reason, when a step has no image', async () => {
      await using test = await open();
      const task = await test.task({ exit: 0 }, 'isMissing');
      expect(await test.runner.run(task, never)).toEqual({ type: 'broken', reason: expect.stringMatching(/step 2.*image/) });
      expect(await test.hasArtifact(task)).toBe(true);
      await test.runner.cleanUp(task);
    });

    it('stops when it is told to, and has its artifact all the same', async () => {
      await using test = await open();
      const task = await test.task('waits', { exit: 0 });
      const stop = new AbortController();
      const result = test.runner.run(task, stop.signal);
      await test.waiting(task);
      stop.abort();
      expect(await result).toEqual({ type: 'stopped' });
      expect(await test.begun(task)).toEqual([1]);
      expect(await test.hasArtifact(task)).toBe(true);
      await test.runner.cleanUp(task);
    });

    it('begins no step when it was told to stop before', async () => {
      await using test = await open();
      const task = await test.task({ exit: 0 });
      expect(await test.runner.run(task, AbortSignal.abort())).toEqual({ type: 'stopped' });
      expect(await test.begun(task)).toEqual([]);
      expect(await test.hasArtifact(task)).toBe(true);
      await test.runner.cleanUp(task);
    });

    it('gives the same result again until it is cleaned up, and runs nothing twice', async () => {
      await using test = await open();
      const task = await test.task({ exit: 0 }, { exit: 42 });
      const first = await test.runner.run(task, never);
      expect(await test.runner.run(task, never)).toEqual(first);
      expect(await test.begun(task)).toEqual([1, 2]);
      await test.runner.cleanUp(task);
    });

    it('goes on after a crash of its runner where it stands', async () => {
      await using test = await open();
      const task = await test.task({ exit: 0 }, 'waits');
      const runner = await test.crashWhileWaiting(task);
      const stop = new AbortController();
      const result = runner.run(task, stop.signal);
      stop.abort();
      expect(await result).toEqual({ type: 'stopped' });
      expect(await test.begun(task)).toEqual([1, 2]);
      expect(await test.hasArtifact(task)).toBe(true);
      await runner.cleanUp(task);
    });
  });

  suite(`${name}: a task's clean-up`, () => {
    it('leaves nothing of the task, and may be done again', async () => {
      await using test = await open();
      const task = await test.task({ exit: 0 });
      await test.runner.run(task, never);
      expect(await test.isThere(task)).toBe(true);
      await test.runner.cleanUp(task);
      expect(await test.isThere(task)).toBe(false);
      await test.runner.cleanUp(task);
    });

    it('is fine with a task that never ran', async () => {
      await using test = await open();
      await test.runner.cleanUp(await test.task({ exit: 0 }));
    });
  });
};
