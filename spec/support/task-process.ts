/** Runs one task in a process that dies before its time: when a spec kills it, or by itself in the middle of a call to the engine. */
import type { TaskRun } from '../../src/domain/task.ts';
import { newRunner, type RunnerHome } from './docker-runner.ts';
import { engineTelling } from './engine-calls.ts';

export type TaskProcess = {
  readonly home: RunnerHome;
  readonly task: TaskRun;
  /** The change that it asks the engine for and dies in, from 1; `null`: it is killed by others. */
  readonly dieInChange: number | null;
};

/** The request is on its way by then, and the engine at work on it. */
const ON_ITS_WAY_MS = 5;

const { home, task, dieInChange } = JSON.parse(process.argv[2] ?? '') as TaskProcess;
let changes = 0;
const engine = await engineTelling((_, request) => {
  if (!request.startsWith('POST')) return;
  changes += 1;
  if (changes === dieInChange) setTimeout(() => process.kill(process.pid, 'SIGKILL'), ON_ITS_WAY_MS);
});
await newRunner(home, engine).runner.run(task, new AbortController().signal);
