/** A server's worth of Docker tasks: a runner with a workspace, artifacts and secrets of its own, for end-to-end specs. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { decompress } from '../../src/base/zstd.ts';
import type { Engine } from '../../src/docker/engine.ts';
import { createDockerTaskRunner } from '../../src/docker/task-runner.ts';
import type { JobSpec } from '../../src/domain/job.ts';
import type { JobId, NodeId } from '../../src/domain/names.ts';
import { type TaskResult, type TaskRun, taskOf } from '../../src/domain/task.ts';
import type { ArtifactStore, TaskRunner, Workspace } from '../../src/engine/ports.ts';
import { createArtifactStore } from '../../src/store/artifacts.ts';
import { createSecretStore } from '../../src/store/secrets.ts';
import { createLocalWorkspace } from '../../src/workspace/local.ts';
import { expectNothingLeft, theEngine } from './engine.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type DockerTasks = AsyncDisposable & {
  readonly instance: string;
  readonly runner: TaskRunner;
  readonly workspace: Workspace;
  /** Where the workspace is. */
  readonly folder: string;
  /** What the server's log got, a line each. */
  readonly serverLog: readonly string[];
  /** A runner as after a crash: nothing is known but what is on the engine and in the workspace. */
  restarted(): TaskRunner;
  /** A task of a job of its own. */
  task(spec: Partial<JobSpec> & Pick<JobSpec, 'steps'>): TaskRun;
  /** Runs a task and cleans up after it. */
  run(task: TaskRun, signal?: AbortSignal): Promise<TaskResult>;
  /** The files of a task's artifact, by their path in it; `null`: there is no artifact. */
  artifact(task: TaskRun): Promise<ReadonlyMap<string, Buffer> | null>;
};

export type DockerTasksOptions = {
  readonly engine?: Engine;
  readonly networkRange?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly artifacts?: Partial<ArtifactStore>;
};

/** One second, the engine's smallest: specs wait for it to be over. */
const STOP_GRACE_MS = 1_000;

/** Ends with the check that nothing is left: `await using tasks = await dockerTasks()`. */
export const dockerTasks = async ({
  engine = theEngine(),
  networkRange = '10.83.0.0/16',
  secrets = {},
  artifacts: otherArtifacts = {},
}: DockerTasksOptions = {}): Promise<DockerTasks> => {
  const home = await temporaryFolder();
  const folder = join(home.path, 'workspace');
  const workspace = createLocalWorkspace({ root: folder });
  const artifacts: ArtifactStore = { ...createArtifactStore({ folder: join(home.path, 'artifacts') }), ...otherArtifacts };
  const secretsFolder = join(home.path, 'secrets');
  await mkdir(secretsFolder);
  for (const [name, secret] of Object.entries(secrets)) await writeFile(join(secretsFolder, name), secret);
  const instance = `spec-${randomBytes(6).toString('hex')}`;
  const serverLog: string[] = [];
  const write = (fields: object, message: string): void => {
    serverLog.push(`${message}: ${String((fields as { readonly err?: unknown }).err ?? '')}`);
  };
  const options = {
    instance,
    hostOf: () => ({ engine, workspace }),
    artifacts,
    secrets: createSecretStore({ folder: secretsFolder }),
    networkRange,
    log: { debug: write, info: write, warn: write, error: write },
    stopGraceMs: STOP_GRACE_MS,
  };
  const runner = createDockerTaskRunner(options);
  let jobs = 0;

  return {
    instance,
    runner,
    workspace,
    folder,
    serverLog,
    restarted: () => createDockerTaskRunner(options),
    task: spec => {
      jobs += 1;
      return newTask(`${instance}-${jobs}`, spec);
    },
    run: async (task, signal = new AbortController().signal) => {
      const result = await runner.run(task, signal);
      await runner.cleanUp(task);
      return result;
    },
    artifact: async task => {
      const archive = await artifacts.open(task.jobId, taskOf(task).name);
      return archive === null ? null : await filesOf(archive);
    },
    [Symbol.asyncDispose]: async () => {
      try {
        await expectNothingLeft(instance, workspace);
      } finally {
        await home[Symbol.asyncDispose]();
      }
    },
  };
};

const newTask = (jobName: string, spec: Partial<JobSpec> & Pick<JobSpec, 'steps'>): TaskRun => ({
  jobId: jobName as JobId,
  index: 0,
  nodeId: 'node-1' as NodeId,
  spec: { name: 'spec', about: '', env: [], secrets: [], services: [], tasks: [{ name: 'unit', slots: 2 }], ...spec },
});

const filesOf = async (archive: AsyncIterable<Uint8Array>): Promise<ReadonlyMap<string, Buffer>> => {
  const files = new Map<string, Buffer>();
  for await (const entry of Readable.from(decompress(archive)).pipe(extract()))
    files.set(entry.header.name, Buffer.concat(await Array.fromAsync(entry as AsyncIterable<Buffer>)));
  return files;
};
