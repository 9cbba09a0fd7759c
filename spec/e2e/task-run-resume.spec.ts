/** A task whose server was killed goes on with the next one: nothing is lost, and nothing runs twice. */
import { expect, it } from 'vitest';
import type { ServiceSpec } from '../../src/domain/job.ts';
import type { TaskRun } from '../../src/domain/task.ts';
import { type DockerTasks, dockerTasks } from '../support/docker-tasks.ts';
import { describeOnEngine, theEngine } from '../support/engine.ts';
import { scriptImage } from '../support/images.ts';
import { until } from '../support/until.ts';

const never = new AbortController().signal;

/** A step that says in the shared folder that it began, waits for a sign, and exits. */
const waitingStep = (step: number, exit = 0): Promise<string> =>
  scriptImage(
    `echo ${step} >> /alfred/shared/begun; echo out ${step}; until [ -e /alfred/shared/go ]; do usleep 20000; done; echo end ${step}; exit ${exit}`,
  );

const quickStep = (step: number): Promise<string> => scriptImage(`echo ${step} >> /alfred/shared/begun; echo out ${step}`);

const begun = async (tasks: DockerTasks, task: TaskRun): Promise<string> => String(await tasks.read(task, 'shared/begun'));

/** A log without its timestamps. */
const printed = (log: string | undefined): string => (log ?? '').replace(/^\S+Z /gm, '');

const stepContainer = (task: TaskRun, step: number) => theEngine().docker.getContainer(`alfred-${task.jobId}-unit-${step}`);

const db = async (script: string): Promise<ServiceSpec> => ({
  name: 'db',
  image: await scriptImage(script),
  env: [],
  command: [],
  tmpfs: [],
  health: { cmd: 'sh', args: ['-c', 'echo checked >> /checks'], timeoutMs: 5_000, intervalMs: 1_000, retries: 3 },
});

describeOnEngine('a task whose server was killed', () => {
  it('goes on with the step that runs, and with those after it', async () => {
    await using tasks = await dockerTasks();
    const task = tasks.task({ steps: [await waitingStep(1), await quickStep(2)] });
    await tasks.crash(task, () => tasks.sees(task, 'output/unit-step-1.log', 'out 1'));
    const result = tasks.runner.run(task, never);
    await tasks.signal(task, 'go');
    expect(await result).toEqual({ type: 'exited', code: 0 });
    expect(await begun(tasks, task)).toBe('1\n2\n');
    const artifact = await tasks.artifact(task);
    expect(printed(artifact?.get('unit-step-1.log'))).toBe('out 1\nend 1\n');
    expect(printed(artifact?.get('unit-step-2.log'))).toBe('out 2\n');
    await tasks.runner.cleanUp(task);
  });

  it('reads the step that ended meanwhile: its code, and the rest of its log', async () => {
    await using tasks = await dockerTasks();
    const task = tasks.task({ steps: [await waitingStep(1, 42), await quickStep(2)] });
    await tasks.crash(task, () => tasks.sees(task, 'output/unit-step-1.log', 'out 1'));
    await tasks.signal(task, 'go');
    await stepContainer(task, 1).wait();
    expect(await tasks.runner.run(task, never)).toEqual({ type: 'exited', code: 42 });
    expect(await begun(tasks, task)).toBe('1\n');
    expect(printed((await tasks.artifact(task))?.get('unit-step-1.log'))).toBe('out 1\nend 1\n');
    await tasks.runner.cleanUp(task);
  });

  it('is broken when its step vanished after it had started, however often it is asked: it is not run twice', async () => {
    await using tasks = await dockerTasks();
    const task = tasks.task({ steps: [await waitingStep(1)] });
    await tasks.crash(task, () => tasks.sees(task, 'output/unit-step-1.log', 'out 1'));
    await stepContainer(task, 1).remove({ force: true });
    const reason = 'step 1 had started, and its container vanished: it is not run a second time';
    expect(await tasks.runner.run(task, never)).toEqual({ type: 'broken', reason });
    expect(await tasks.runner.run(task, never)).toEqual({ type: 'broken', reason });
    expect(await begun(tasks, task)).toBe('1\n');
    expect((await tasks.artifact(task))?.get('unit-alfred.log')).toContain(`alfred: ${reason}\n`);
    await tasks.runner.cleanUp(task);
  });

  it('skips the steps that are done, though their containers may be gone', async () => {
    await using tasks = await dockerTasks();
    const task = tasks.task({ steps: [await quickStep(1), await waitingStep(2)] });
    await tasks.crash(task, () => tasks.sees(task, 'output/unit-step-2.log', 'out 2'));
    await stepContainer(task, 1).remove();
    await tasks.signal(task, 'go');
    expect(await tasks.runner.run(task, never)).toEqual({ type: 'exited', code: 0 });
    expect(await begun(tasks, task)).toBe('1\n2\n');
    await tasks.runner.cleanUp(task);
  });

  it('starts the step that was made and never started', async () => {
    await using tasks = await dockerTasks();
    const task = tasks.task({ steps: [await quickStep(1)] });
    const isMade = async (): Promise<boolean> =>
      (await stepContainer(task, 1)
        .inspect()
        .catch(() => null)) !== null;
    await tasks.crash(task, () => until(isMade));
    expect(await tasks.runner.run(task, never)).toEqual({ type: 'exited', code: 0 });
    expect(await begun(tasks, task)).toBe('1\n');
    await tasks.runner.cleanUp(task);
  });

  it('stops the step that runs when it was told to stop meanwhile', async () => {
    await using tasks = await dockerTasks();
    const task = tasks.task({ steps: [await waitingStep(1), await quickStep(2)] });
    await tasks.crash(task, () => tasks.sees(task, 'output/unit-step-1.log', 'out 1'));
    expect(await tasks.runner.run(task, AbortSignal.abort())).toEqual({ type: 'stopped' });
    expect(await begun(tasks, task)).toBe('1\n');
    await tasks.runner.cleanUp(task);
  });

  it('leaves a service as it is once the steps have begun, and tells of one that died', async () => {
    await using tasks = await dockerTasks();
    const task = tasks.task({ steps: [await waitingStep(1)], services: [await db('sleep 60')] });
    await tasks.crash(task, () => tasks.sees(task, 'output/unit-step-1.log', 'out 1'));
    const service = theEngine().docker.getContainer(`alfred-${task.jobId}-unit-db`);
    await service.kill();
    const result = tasks.runner.run(task, never);
    await tasks.sees(
      task,
      'output/unit-alfred.log',
      'service db exited with code 137 (killed by SIGKILL) while the steps were running',
    );
    await tasks.signal(task, 'go');
    expect(await result).toEqual({ type: 'exited', code: 0 });
    await tasks.runner.cleanUp(task);
  });

  it('goes on from whichever change to the engine it was killed in; each step runs once, and has its whole log', async () => {
    const steps = [await quickStep(1), await quickStep(2)];
    const services = [await db('sleep 60')];
    const crashInChange = async (change: number): Promise<boolean> => {
      await using tasks = await dockerTasks();
      const task = tasks.task({ steps, services });
      const crashed = await tasks.crashInChange(task, change);
      expect(await tasks.runner.run(task, never), `change ${change}`).toEqual({ type: 'exited', code: 0 });
      expect(await begun(tasks, task), `change ${change}`).toBe('1\n2\n');
      const artifact = await tasks.artifact(task);
      expect(printed(artifact?.get('unit-step-1.log')), `change ${change}`).toBe('out 1\n');
      expect(printed(artifact?.get('unit-step-2.log')), `change ${change}`).toBe('out 2\n');
      await tasks.runner.cleanUp(task);
      return crashed;
    };
    let change = 1;
    for (;;) {
      const crashed = await Promise.all([0, 1, 2, 3].map(ahead => crashInChange(change + ahead)));
      if (!crashed.every(Boolean)) break;
      change += 4;
    }
    expect(change).toBeGreaterThan(8);
  });
});
