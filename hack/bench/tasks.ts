/** What Alfred costs on top of Docker: tasks of `true` through client, server and engine, against `docker run --rm` in a loop. */
import { execa } from 'execa';
import { alfred, startServer } from '../../spec/support/binary.ts';
import { writeJob } from '../../spec/support/job.ts';
import { temporaryFolder } from '../../spec/support/temporary-folder.ts';
import type { Row } from './row.ts';

const TASKS = 64;
const AT_ONCE = 8;

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1_000;
};

const plainLoop = async (image: string): Promise<void> => {
  let left = TASKS;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await execa('docker', ['run', '--rm', image, 'true']);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
};

export const benchTasks = async (): Promise<readonly Row[]> => {
  await using folder = await temporaryFolder();
  const job = await writeJob(folder.path, { script: 'true', tasks: Array.from({ length: TASKS }, (_, n) => `task-${n}`) });
  const image = await execa('docker', ['build', '--quiet', folder.path]);
  await using server = await startServer('--max-nodes', '1', '--slots-per-node', `${AT_ONCE}`, '--task-startup-delay', '0s');

  await execa('docker', ['run', '--rm', image.stdout, 'true']);
  const plain = TASKS / (await seconds(() => plainLoop(image.stdout)));
  const ours = TASKS / (await seconds(() => alfred(['--remote', server.remote, 'run', job])));
  return [
    {
      name: `tasks of \`true\`, ${AT_ONCE} at once, whole \`alfred run\``,
      value: ours,
      unit: 'tasks/s',
      baseline: { name: '`docker run --rm` in a loop', value: plain },
      ratio: ours / plain,
    },
  ];
};
