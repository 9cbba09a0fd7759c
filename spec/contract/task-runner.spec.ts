import { describe } from 'vitest';
import type { JobId, NodeId } from '../../src/domain/names.ts';
import { jobSpec } from '../support/builders.ts';
import { createFakeTasks } from '../support/fake-task-runner.ts';
import { type Step, taskRunnerContract } from './task-runner.ts';

const commandOf = (step: Step): string => {
  if (step === 'waits') return 'wait';
  return step === 'isMissing' ? 'nothing' : `exit ${step.exit}`;
};

taskRunnerContract('the fake task runner', describe, async () => {
  const tasks = createFakeTasks();
  return {
    runner: tasks.newRunner(),
    task: async (...steps) => ({
      jobId: 'build-red-fox' as JobId,
      index: 0,
      nodeId: 'node-1' as NodeId,
      spec: { ...jobSpec('build', [1]), steps: steps.map(commandOf) },
    }),
    begun: async task => tasks.begun(task),
    waiting: tasks.waiting,
    hasArtifact: async task => tasks.hasArtifact(task),
    isThere: async task => tasks.isThere(task),
    crashWhileWaiting: async task => {
      void tasks.newRunner().run(task, new AbortController().signal);
      await tasks.waiting(task);
      return tasks.newRunner();
    },
    [Symbol.asyncDispose]: async () => {},
  };
});
