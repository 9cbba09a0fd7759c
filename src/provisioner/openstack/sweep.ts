/** Finds what this instance made in the cloud and nobody owns any more, and deletes it. */
import type { Log } from '../../base/log.ts';
import type { NodeId } from '../../domain/names.ts';
import type { Keypair } from './keypair.ts';
import { describeServer } from './ownership.ts';
import type { OwnServer, Servers } from './servers.ts';

export type SweepTools = {
  readonly servers: Servers;
  readonly keypair: Keypair;
  /** Whether something is being done with a node's servers just now: whoever does it sees to them. */
  readonly isBusy: (nodeId: NodeId) => boolean;
  readonly isAnyBusy: () => boolean;
  /** The id of a live node's own server, so that a second one is known for what it is; `null`: not known. */
  readonly serverIdOf: (nodeId: NodeId) => string | null;
  readonly log: Log;
};

/** A line for each server that {@link sweep} would delete. */
export const findOrphans = async (
  tools: SweepTools,
  live: ReadonlySet<NodeId>,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const own = await tools.servers.list(signal);
  return own.filter(server => isOrphan(tools, live, server)).map(({ server }) => describeServer(server));
};

/** A line for each thing that was removed; what could not be is in the log, and found again the next time. */
export const sweep = async (tools: SweepTools, live: ReadonlySet<NodeId>, signal: AbortSignal): Promise<readonly string[]> => {
  const { servers, keypair, isAnyBusy, log } = tools;
  const own = await servers.list(signal);
  // Asked after the list was made: a node that was begun meanwhile has no server in it, or is busy.
  const orphans = own.filter(server => isOrphan(tools, live, server));
  const removed: string[] = [];
  for (const { server } of orphans) {
    try {
      await servers.remove(server, signal);
      removed.push(describeServer(server));
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error, server: server.id, name: server.name }, 'a server that nobody owns could not be deleted yet');
    }
  }
  const isLastGone = own.length === removed.length;
  if (!isLastGone || live.size > 0) return removed;
  return (await keypair.removeUnless(isAnyBusy, signal)) ? [...removed, `keypair ${keypair.name}`] : removed;
};

const isOrphan = ({ isBusy, serverIdOf }: SweepTools, live: ReadonlySet<NodeId>, { nodeId, server }: OwnServer): boolean => {
  if (isBusy(nodeId)) return false;
  if (!live.has(nodeId)) return true;
  const ownId = serverIdOf(nodeId);
  return ownId !== null && ownId !== server.id;
};
