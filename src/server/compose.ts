/** Builds the server by hand: what stands here is the whole wiring. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buildInfo } from '../base/build-info.ts';
import type { Log } from '../base/log.ts';
import { connectEngine, type Engine as DockerEngine } from '../docker/engine.ts';
import { createDockerTaskShell } from '../docker/exec.ts';
import { createImageStore } from '../docker/images.ts';
import { type Owner, takeOver } from '../docker/take-over.ts';
import { createDockerTaskRunner } from '../docker/task-runner.ts';
import type { ServerInfo } from '../domain/status.ts';
import { createEngine } from '../engine/engine.ts';
import { startingStatus } from '../engine/status.ts';
import { createViews } from '../engine/views.ts';
import { startRpcServer } from '../rpc/server.ts';
import type { SchedulerConfig } from '../scheduler/config.ts';
import { createArtifactStore } from '../store/artifacts.ts';
import { openJournal, type ServerJournal } from '../store/journal.ts';
import { createSecretStore } from '../store/secrets.ts';
import { createLocalWorkspace } from '../workspace/local.ts';
import { createChores } from './chores.ts';
import { createNodes, workspaceHere } from './nodes.ts';
import type { ServerOptions } from './options.ts';
import { createService } from './service.ts';
import { keepUp } from './upkeep.ts';

export type RunningServer = {
  /** `host:port` or `unix:PATH`, as a client dials it; with the port that was found where 0 was asked for. */
  readonly address: string;
  /** Refuses new jobs, then aborts what is under way and cleans up, or leaves it to the next server. */
  stop(onShutdown: ServerOptions['onShutdown']): Promise<void>;
};

/** How long open streams get to end by themselves. */
const STREAMS_GRACE_MS = 5_000;

/**
 * Starts a server in this process. Rejects with one clear line when a folder can't be used, the address is taken, credentials
 * are missing or no Docker engine answers: then nothing is left open. `onBug` hears of errors after which nothing can be trusted any more.
 */
export const startServer = async (options: ServerOptions, log: Log, onBug: (error: unknown) => void): Promise<RunningServer> => {
  const folders = await makeFolders(options);
  const docker = await connectEngine();
  const journal = openJournal({ folder: folders.serverData, log });
  try {
    return await serve({ options, ...folders, docker, journal, log, onBug });
  } catch (error) {
    journal.close();
    throw error;
  }
};

/** What a server stands on: its folders, the engine and the journal, which it closes when it stops. */
type Ground = Pick<ServerOptions, 'serverData' | 'nodeWorkspace'> & {
  readonly options: ServerOptions;
  readonly docker: DockerEngine;
  readonly journal: ServerJournal;
  readonly log: Log;
  readonly onBug: (error: unknown) => void;
};

const serve = async ({ options, serverData, nodeWorkspace, docker, journal, log, onBug }: Ground): Promise<RunningServer> => {
  const artifacts = createArtifactStore({ folder: join(serverData, 'artifacts') });
  const secrets = createSecretStore({ folder: join(serverData, 'secrets') });
  const workspace = createLocalWorkspace({
    root: workspaceHere({ ...options, serverData, nodeWorkspace }),
    takeOver: path => takeOver(docker, journal.instance, path, thisUser()),
  });
  const nodes = createNodes({ options: { ...options, serverData }, instance: journal.instance, engine: docker, workspace, log });
  const { provisioner } = nodes;

  const runner = nodes.attended(
    createDockerTaskRunner({
      instance: journal.instance,
      hostOf: nodes.hostOf,
      artifacts,
      secrets,
      networkRange: options.networkRange,
      log,
    }),
  );

  const engine = createEngine({ config: schedulerConfig(options), runner, provisioner, journal, log, onBug });
  const views = createViews(engine.turns$, nodes.activity$, startingStatus(engine.startingState, journal.history), onBug);

  const rpc = await startRpcServer({
    service: createService({
      info: serverInfo(options, provisioner.name),
      engine,
      views,
      history: journal.history,
      images: createImageStore(docker),
      artifacts,
      shell: createDockerTaskShell({ instance: journal.instance, hostOf: nodes.hostOf, log }),
      workspaceOf: nodes.workspaceOf,
    }),
    listen: options.listen,
    log,
  });
  engine.start();
  const stopping = new AbortController();
  const chores = createChores({
    options,
    sweepOptions: {
      docker,
      instance: journal.instance,
      workspace,
      artifacts,
      isKnown: journal.history.isKnown,
      liveTasks: engine.liveTasks,
    },
    nodes,
    engine,
    artifacts,
    history: journal.history,
    log,
  });
  const upkeep = keepUp(chores.every(stopping.signal), log, stopping.signal);
  log.info({ address: rpc.address, ...buildInfo, provisioner: provisioner.name, instance: journal.instance }, 'listening');

  const stop = async (onShutdown: ServerOptions['onShutdown']): Promise<void> => {
    log.info({ onShutdown }, 'stopping');
    stopping.abort();
    if (onShutdown === 'abort') {
      await engine.drain();
      await upkeep;
      await chores.last();
      await nodes.close();
    } else {
      // Connections end with the process: closed before it, they would be news to the tasks that the next server takes up.
      engine.detach();
    }
    await rpc.stop(STREAMS_GRACE_MS);
    journal.close();
    log.info({}, 'stopped');
  };

  return { address: rpc.address, stop };
};

export const thisUser = (): Owner => ({ uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });

const makeFolders = async (options: ServerOptions): Promise<Pick<ServerOptions, 'serverData' | 'nodeWorkspace'>> => {
  // Absolute: the workspace is bound into containers.
  const folders = { serverData: resolve(options.serverData), nodeWorkspace: resolve(options.nodeWorkspace) };
  await makeFolder('--server-data', folders.serverData);
  if (options.provisioner === 'local') await makeFolder('--node-workspace', folders.nodeWorkspace);
  return folders;
};

const makeFolder = async (flag: string, folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true }).catch(cause => {
    throw new Error(`${flag}: ${cause.message}`, { cause });
  });
};

const schedulerConfig = (options: ServerOptions): SchedulerConfig => ({
  maxNodes: options.maxNodes,
  slotsPerNode: options.slotsPerNode,
  taskStartupDelayMs: options.taskStartupDelayMs,
  taskTimeoutMs: options.taskTimeoutMs,
  provisioningDelayMs: options.provisioningDelayMs,
  provisioningFailureCooldownMs: options.provisioningFailureCooldownMs,
  nodeIdleTimeoutMs: options.nodeIdleTimeoutMs,
});

const serverInfo = (options: ServerOptions, provisioner: string): ServerInfo => ({
  startedAt: Date.now(),
  provisioner,
  maxNodes: options.maxNodes,
  slotsPerNode: options.slotsPerNode,
  logLevel: options.logLevel,
  provisioningDelayMs: options.provisioningDelayMs,
  openstackFlavor: options.openstackFlavor,
  taskStartupDelayMs: options.taskStartupDelayMs,
  taskTimeoutMs: options.taskTimeoutMs,
});
