/** Runs one task in a process that a spec can kill. The result is of no interest: the killed one has none. */
import { connectEngine } from '../../src/docker/engine.ts';
import type { TaskRun } from '../../src/domain/task.ts';
import { newRunner, type RunnerHome } from './docker-runner.ts';

const { home, task } = JSON.parse(process.argv[2] ?? '') as { readonly home: RunnerHome; readonly task: TaskRun };
const { runner } = newRunner(home, await connectEngine());
await runner.run(task, new AbortController().signal);
