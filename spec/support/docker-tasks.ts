/** A server's worth of Docker tasks: a runner with a workspace, artifacts and secrets of its own, for end-to-end specs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { decompress } from '../../src/base/zstd.ts';
import type { Engine } from '../../src/docker/engine.ts';
import { listOrphans, removeOrphan } from '../../src/docker/sweep.ts';
import type { JobSpec } from '../../src/domain/job.ts';
import type { JobId, NodeId } from '../../src/domain/names.ts';
import { type TaskResult, type TaskRun, taskOf } from '../../src/domain/task.ts';
import type { ArtifactStore, TaskRunner, Workspace } from '../../src/engine/ports.ts';
import { newRunner, type RunnerHome } from './docker-runner.ts';
import { expectNothingLeft, theEngine } from './engine.ts';
import type { TaskProcess } from './task-process.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { until } from './until.ts';

export type DockerTasks = AsyncDisposable & {
  readonly instance: string;
  readonly runner: TaskRunner;
  readonly workspace: Workspace;
  /** What the server's log got, a line each. */
  readonly serverLog: readonly string[];
  /** A task of a job of its own. */
  task(spec: Partial<JobSpec> & Pick<JobSpec, 'steps'>): TaskRun;
  /** Runs a task and cleans up after it. */
  run(task: TaskRun, signal?: AbortSignal): Promise<TaskResult>;
  /**
   * Runs a task in a process of its own, which is killed as soon as `when` resolves. What it has made stays; a run in this process
   * goes on from there.
   */
  crash(task: TaskRun, when: () => Promise<unknown>): Promise<void>;
  /** The same, killed in the middle of the n-th change that it asks the engine for; `false`: it ended before that. */
  crashInChange(task: TaskRun, change: number): Promise<boolean>;
  /** A file below the task's folder; `null`: there is none. */
  read(task: TaskRun, path: string): Promise<Buffer | null>;
  /** Makes a file in the task's folder `shared`: the sign for which a step waits. */
  signal(task: TaskRun, name: string): Promise<void>;
  /** Resolves when the file below the task's folder is there, with this text somewhere in it. */
  sees(task: TaskRun, path: string, part?: string): Promise<void>;
  /** The files of a task's artifact, by their path in it; `null`: there is no artifact. */
  artifact(task: TaskRun): Promise<ReadonlyMap<string, string> | null>;
};

export type DockerTasksOptions = {
  readonly engine?: Engine;
  readonly networkRange?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly artifacts?: Partial<ArtifactStore>;
};

/** Ends with the check that nothing is left: `await using tasks = await dockerTasks()`. */
export const dockerTasks = async ({
  engine = theEngine(),
  networkRange = '10.83.0.0/16',
  secrets = {},
  artifacts: otherArtifacts = {},
}: DockerTasksOptions = {}): Promise<DockerTasks> => {
  const folder = await temporaryFolder();
  await mkdir(join(folder.path, 'secrets'));
  for (const [name, secret] of Object.entries(secrets)) await writeFile(join(folder.path, 'secrets', name), secret);
  const instance = `spec-${randomBytes(6).toString('hex')}`;
  const home: RunnerHome = { path: folder.path, instance, networkRange };
  const serverLog: string[] = [];
  const { runner, workspace, artifacts } = newRunner(home, engine, otherArtifacts, line => serverLog.push(line));
  let jobs = 0;

  const read = (task: TaskRun, path: string): Promise<Buffer | null> =>
    readFile(join(folder.path, 'workspace', taskOf(task).fullName, path)).catch(() => null);

  return {
    instance,
    runner,
    workspace,
    serverLog,
    task: spec => {
      jobs += 1;
      return newTask(`${instance}-${jobs}`, spec);
    },
    run: async (task, signal = new AbortController().signal) => {
      const result = await runner.run(task, signal);
      await runner.cleanUp(task);
      return result;
    },
    crash: async (task, when) => {
      const process = startProcess({ home, task, dieInChange: null });
      try {
        await when();
      } finally {
        await kill(process);
      }
    },
    crashInChange: async (task, change) => {
      const [, signal] = await once(startProcess({ home, task, dieInChange: change }), 'exit');
      return signal === 'SIGKILL';
    },
    read,
    signal: (task, name) => writeFile(join(folder.path, 'workspace', taskOf(task).fullName, 'shared', name), ''),
    sees: (task, path, part = '') => until(async () => (await read(task, path))?.includes(part) ?? false),
    artifact: async task => {
      const archive = await artifacts.open(task.jobId, taskOf(task).name);
      return archive === null ? null : await filesOf(archive);
    },
    [Symbol.asyncDispose]: async () => {
      try {
        await expectNothingLeft(instance, workspace);
      } finally {
        // What a failing spec leaves is no other spec's trouble.
        for (const orphan of await listOrphans(engine, { instance, live: new Set(), olderThanMs: 0 }))
          await removeOrphan(engine, orphan);
        await folder[Symbol.asyncDispose]();
      }
    },
  };
};

const newTask = (jobName: string, spec: Partial<JobSpec> & Pick<JobSpec, 'steps'>): TaskRun => ({
  jobId: jobName as JobId,
  index: 0,
  nodeId: 'node-1' as NodeId,
  spec: {
    name: 'spec',
    about: '',
    env: [],
    secrets: [],
    services: [],
    tasks: [{ name: 'unit', slots: 2 }],
    keepFailedMs: 0,
    ...spec,
  },
});

const startProcess = (told: TaskProcess): ChildProcess =>
  spawn(process.execPath, [join(import.meta.dirname, 'task-process.ts'), JSON.stringify(told)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });

const kill = async (process: ChildProcess): Promise<void> => {
  const exited = once(process, 'exit');
  if (process.exitCode !== null || !process.kill('SIGKILL')) throw new Error('the run was over before it was to be killed');
  await exited;
};

const filesOf = async (archive: AsyncIterable<Uint8Array>): Promise<ReadonlyMap<string, string>> => {
  const files = new Map<string, string>();
  for await (const entry of Readable.from(decompress(archive)).pipe(extract()))
    files.set(entry.header.name, Buffer.concat(await Array.fromAsync(entry as AsyncIterable<Buffer>)).toString());
  return files;
};
