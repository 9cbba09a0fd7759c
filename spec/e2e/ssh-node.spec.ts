/** A task on a node that is reached over ssh: a real sshd, and the engine of this machine behind it. */
import { expect, it } from 'vitest';
import { connectRemoteEngine } from '../../src/docker/remote-engine.ts';
import { dockerTasks } from '../support/docker-tasks.ts';
import { describeOnEngine } from '../support/engine.ts';
import { scriptImage } from '../support/images.ts';
import { startSshNode } from '../support/ssh-node.ts';
import { sshdIsInstalled } from '../support/sshd.ts';

const never = new AbortController().signal;

const LINES = 3_000;

/** What `seq` prints. */
const numbers = (from: number, to: number): string => Array.from({ length: to - from + 1 }, (_, n) => `${from + n}\n`).join('');

const printed = (log: string | undefined): string => (log ?? '').replace(/^\S+Z /gm, '');

const open = async () => {
  const stack = new AsyncDisposableStack();
  const node = stack.use(await startSshNode());
  const engine = await connectRemoteEngine(node.host, never);
  const tasks = stack.use(await dockerTasks({ engine }));
  return { node, engine, tasks, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

describeOnEngine('a task on a node over ssh', () => {
  it.skipIf(!sshdIsInstalled())('goes on over broken connections: nothing is lost, nothing runs twice', async () => {
    await using desk = await open();
    const { tasks, node } = desk;
    const script = (step: number): string =>
      `echo ${step} >> /alfred/shared/begun; seq 1 ${LINES}; touch /alfred/shared/half-${step}; until [ -e /alfred/shared/go-${step} ]; do usleep 20000; done; seq ${LINES + 1} ${2 * LINES}`;
    const task = tasks.task({ steps: [await scriptImage(script(1)), await scriptImage(script(2))] });
    const running = tasks.runner.run(task, never);

    // The connection breaks, and is back before the step goes on.
    await tasks.sees(task, 'shared/half-1');
    await node.sshd.dropSessions();
    await tasks.signal(task, 'go-1');

    // The step ends while its node can't be reached.
    await tasks.sees(task, 'shared/half-2');
    await node.sshd.stop();
    await tasks.signal(task, 'go-2');
    await node.sshd.start();

    expect(await running).toEqual({ type: 'exited', code: 0 });
    expect(String(await tasks.read(task, 'shared/begun'))).toBe('1\n2\n');
    const artifact = await tasks.artifact(task);
    expect(printed(artifact?.get('unit-step-1.log'))).toBe(numbers(1, 2 * LINES));
    expect(printed(artifact?.get('unit-step-2.log'))).toBe(numbers(1, 2 * LINES));
    expect(artifact?.get('unit-alfred.log') ?? '').not.toContain('engine was away');
    await tasks.runner.cleanUp(task);
  });

  it.skipIf(!sshdIsInstalled())(
    'is stopped by a cancel that comes while its node can not be reached, as soon as it can',
    async () => {
      await using desk = await open();
      const { tasks, node } = desk;
      const task = tasks.task({ steps: [await scriptImage('touch /alfred/shared/begun; sleep 1000')] });
      const cancel = new AbortController();
      const running = tasks.runner.run(task, cancel.signal);
      await tasks.sees(task, 'shared/begun');
      await node.sshd.stop();
      cancel.abort();
      await node.sshd.start();
      expect(await running).toEqual({ type: 'stopped' });
      await tasks.runner.cleanUp(task);
    },
  );
});
