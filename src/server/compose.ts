/** Builds the server by hand: what stands here is the whole wiring. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buildInfo } from '../base/build-info.ts';
import type { Log } from '../base/log.ts';
import { untilAborted } from '../base/until-aborted.ts';
import { connectEngine, type Engine as DockerEngine } from '../docker/engine.ts';
import { createDockerTaskShell } from '../docker/exec.ts';
import { createImageStore } from '../docker/images.ts';
import { type Owner, takeOver } from '../docker/take-over.ts';
import { createDockerTaskRunner } from '../docker/task-runner.ts';
import type { NodeId } from '../domain/names.ts';
import type { ServerInfo } from '../domain/status.ts';
import { createEngine } from '../engine/engine.ts';
import { NodeGoneError } from '../engine/ports.ts';
import { startingStatus } from '../engine/status.ts';
import { createViews } from '../engine/views.ts';
import { startRpcServer } from '../rpc/server.ts';
import type { SchedulerConfig } from '../scheduler/config.ts';
import { type ArtifactFiles, createArtifactStore } from '../store/artifacts.ts';
import type { History } from '../store/history.ts';
import { openJournal, type ServerJournal } from '../store/journal.ts';
import { createSecretStore } from '../store/secrets.ts';
import { createLocalWorkspace } from '../workspace/local.ts';
import { createNodes, nodesWithMachines, workspaceHere } from './nodes.ts';
import type { ServerOptions } from './options.ts';
import { createService } from './service.ts';
import { SWEEP_GRACE_MS, type SweepOptions, sweep } from './sweep.ts';
import { type Chore, keepUp } from './upkeep.ts';

export type RunningServer = {
  /** `host:port` or `unix:PATH`, as a client dials it; with the port that was found where 0 was asked for. */
  readonly address: string;
  /** Refuses new jobs, then aborts what is under way and cleans up, or leaves it to the next server. */
  stop(onShutdown: ServerOptions['onShutdown']): Promise<void>;
};

const SWEEP_INTERVAL_MS = 60_000;

const RETENTION_INTERVAL_MS = 3_600_000;

/** How long open streams get to end by themselves. */
const STREAMS_GRACE_MS = 5_000;

/** A node that takes longer to be swept is left for the next time: it may have gone out of reach meanwhile. */
const NODE_SWEEP_LIMIT_MS = 120_000;

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

  const runner = nodes.withCleanUps(
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
  const sweepOptions: Omit<SweepOptions, 'graceMs'> = {
    docker,
    instance: journal.instance,
    workspace,
    artifacts,
    isKnown: journal.history.isKnown,
    liveTasks: engine.liveTasks,
  };
  const sweepNodes = async (): Promise<void> => {
    const answering = engine.nodes().filter(({ state, unreachable }) => state === 'online' && unreachable === null);
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(NODE_SWEEP_LIMIT_MS)]);
    const sweepNode = async (nodeId: NodeId): Promise<void> => {
      const { engine: docker, workspace } = await nodes.hostOf(nodeId, signal);
      await untilAborted(sweep({ ...sweepOptions, docker, workspace, graceMs: SWEEP_GRACE_MS }, log), signal);
    };
    const swept = answering.map(({ id }) =>
      sweepNode(id).catch(error => {
        // Of one that is gone nothing is left; one that is not taken up yet, after a restart, has its turn in a minute.
        if (!(error instanceof NodeGoneError))
          log.warn({ err: error, node: id }, 'could not sweep up leftovers on a node; trying again');
      }),
    );
    await Promise.all(swept);
  };
  // A cloud that is down may be asked for minutes; whoever stops the server does not wait for it.
  const sweepMachines = async (signal: AbortSignal): Promise<void> => {
    const swept = nodes.sweepMachines(nodesWithMachines(engine.nodes()));
    for (const leftover of await untilAborted(swept, signal)) log.info({ leftover }, 'removed what no node owns any more');
  };
  const everyMinute = (name: string, work: Chore['work']): Chore => ({ name, everyMs: SWEEP_INTERVAL_MS, work });
  // Each on its own: a cloud that does not answer keeps nothing else from being done.
  const chores: readonly Chore[] = [
    everyMinute('sweep up leftovers', () => sweep({ ...sweepOptions, graceMs: SWEEP_GRACE_MS }, log)),
    ...(options.provisioner === 'local'
      ? []
      : [
          everyMinute('sweep up leftovers on nodes', sweepNodes),
          everyMinute('sweep up machines of no node', () => sweepMachines(stopping.signal)),
        ]),
    {
      name: 'forget what is old',
      everyMs: RETENTION_INTERVAL_MS,
      work: () => forget(options, artifacts, journal.history, log),
    },
  ];
  const upkeep = keepUp(chores, log, stopping.signal);
  log.info({ address: rpc.address, ...buildInfo, provisioner: provisioner.name, instance: journal.instance }, 'listening');

  const stop = async (onShutdown: ServerOptions['onShutdown']): Promise<void> => {
    log.info({ onShutdown }, 'stopping');
    stopping.abort();
    if (onShutdown === 'abort') {
      await engine.drain();
      await upkeep;
      // Nothing is live any more, so nothing is too young.
      await sweep({ ...sweepOptions, graceMs: 0 }, log).catch(error => log.warn({ err: error }, 'could not sweep up leftovers'));
      await sweepMachines(AbortSignal.timeout(NODE_SWEEP_LIMIT_MS)).catch(error =>
        log.warn({ err: error }, 'could not sweep up machines of no node'),
      );
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

/** Removes artifacts and finished jobs that are older than the server keeps them. */
const forget = async (
  { artifactRetentionMs }: ServerOptions,
  artifacts: ArtifactFiles,
  history: History,
  log: Log,
): Promise<void> => {
  if (artifactRetentionMs === 0) return;
  const removed = await artifacts.removeOlderThan(artifactRetentionMs, Date.now());
  const jobs = await history.forgetOlderThan(artifactRetentionMs, Date.now());
  if (removed.length > 0 || jobs > 0) log.info({ artifacts: removed.length, jobs }, 'forgot what is older than it is kept');
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
