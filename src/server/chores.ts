/** What the server removes by itself: leftovers here, on nodes and in the cloud, and what is older than it is to be kept. */
import type { Log } from '../base/log.ts';
import { untilAborted } from '../base/until-aborted.ts';
import type { NodeId } from '../domain/names.ts';
import type { Engine } from '../engine/engine.ts';
import { NodeGoneError } from '../engine/ports.ts';
import type { ArtifactFiles } from '../store/artifacts.ts';
import type { History } from '../store/history.ts';
import { type Nodes, nodesWithMachines } from './nodes.ts';
import type { ServerOptions } from './options.ts';
import { SWEEP_GRACE_MS, type SweepOptions, sweep } from './sweep.ts';
import type { Chore } from './upkeep.ts';

export type ChoresOptions = {
  readonly options: ServerOptions;
  /** Of this machine. */
  readonly sweepOptions: Omit<SweepOptions, 'graceMs'>;
  readonly nodes: Nodes;
  readonly engine: Pick<Engine, 'nodes'>;
  readonly artifacts: ArtifactFiles;
  readonly history: History;
  readonly log: Log;
};

export type Chores = {
  /** What is done again and again, until the signal aborts. */
  every(stopping: AbortSignal): readonly Chore[];
  /** What is done once more when all tasks and nodes are ended; never rejects. */
  last(): Promise<void>;
};

const SWEEP_INTERVAL_MS = 60_000;

const RETENTION_INTERVAL_MS = 3_600_000;

/** What takes longer to be swept is left for the next time: a node may have gone out of reach meanwhile, a cloud may be down. */
const SWEEP_LIMIT_MS = 120_000;

export const createChores = ({ options, sweepOptions, nodes, engine, artifacts, history, log }: ChoresOptions): Chores => {
  const sweepHere = (graceMs: number): Promise<void> => sweep({ ...sweepOptions, graceMs }, log);

  const sweepNode = async (nodeId: NodeId, signal: AbortSignal): Promise<void> => {
    const { engine: docker, workspace } = await nodes.hostOf(nodeId, signal);
    await untilAborted(sweep({ ...sweepOptions, docker, workspace, graceMs: SWEEP_GRACE_MS }, log), signal);
  };

  const sweepNodes = async (stopping: AbortSignal): Promise<void> => {
    const answering = engine.nodes().filter(({ state, unreachable }) => state === 'online' && unreachable === null);
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(SWEEP_LIMIT_MS)]);
    const swept = answering.map(({ id }) =>
      sweepNode(id, signal).catch(error => {
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

  return {
    // Each on its own: a cloud that does not answer keeps nothing else from being done.
    every: stopping => [
      everyMinute('sweep up leftovers', () => sweepHere(SWEEP_GRACE_MS)),
      ...(options.provisioner === 'local'
        ? []
        : [
            everyMinute('sweep up leftovers on nodes', () => sweepNodes(stopping)),
            everyMinute('sweep up machines of no node', () => sweepMachines(stopping)),
          ]),
      {
        name: 'forget what is old',
        everyMs: RETENTION_INTERVAL_MS,
        work: () => forget(options, artifacts, history, log),
      },
    ],
    last: async () => {
      // Nothing is live any more, so nothing is too young.
      await sweepHere(0).catch(error => log.warn({ err: error }, 'could not sweep up leftovers'));
      // Also where no node was left over: the cloud's keypair goes with the last of them.
      await sweepMachines(AbortSignal.timeout(SWEEP_LIMIT_MS)).catch(error =>
        log.warn({ err: error }, 'could not sweep up machines of no node'),
      );
    },
  };
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
