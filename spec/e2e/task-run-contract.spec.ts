import type { TaskRun } from '../../src/domain/task.ts';
import { type Step, taskRunnerContract } from '../contract/task-runner.ts';
import { dockerTasks } from '../support/docker-tasks.ts';
import { describeOnEngine, leftOnEngine } from '../support/engine.ts';
import { scriptImage } from '../support/images.ts';

const BEGUN = '/alfred/shared/begun';

const imageOf = (step: Step, number: number): Promise<string> => {
  const begin = `echo ${number} >> ${BEGUN}`;
  if (step === 'waits') return scriptImage(`${begin}; touch /alfred/shared/waiting; while true; do sleep 1; done`);
  return step === 'isMissing' ? Promise.resolve('alfred-spec/nothing:1') : scriptImage(`${begin}; exit ${step.exit}`);
};

taskRunnerContract('the Docker task runner', describeOnEngine, async () => {
  const tasks = await dockerTasks();
  const waiting = (task: TaskRun): Promise<void> => tasks.sees(task, 'shared/waiting');
  return {
    runner: tasks.runner,
    task: async (...steps) => tasks.task({ steps: await Promise.all(steps.map((step, index) => imageOf(step, index + 1))) }),
    begun: async task => ((await tasks.read(task, 'shared/begun'))?.toString() ?? '').split('\n').filter(Boolean).map(Number),
    waiting,
    hasArtifact: async task => (await tasks.artifact(task)) !== null,
    isThere: async () => (await leftOnEngine(tasks.instance)).length > 0,
    crashWhileWaiting: async task => {
      await tasks.crash(task, () => waiting(task));
      return tasks.runner;
    },
    [Symbol.asyncDispose]: () => tasks[Symbol.asyncDispose](),
  };
});
