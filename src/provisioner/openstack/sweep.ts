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
  /** The id of the server of a node that is in use here: all others of the node are too many. `null`: not known, or not in use. */
  readonly serverIdOf: (nodeId: NodeId) => string | null;
  /** Whether a node is in use, or on its way. */
  readonly isKeyNeeded: () => boolean;
  readonly log: Log;
};

/** A line for each thing that {@link sweep} would remove. */
export const findOrphans = async (
  tools: SweepTools,
  live: ReadonlySet<NodeId>,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const own = await tools.servers.list(signal);
  const orphans = own.filter(server => isOrphan(tools, live, server));
  const found = orphans.map(({ server }) => describeServer(server));
  const isKeyLeft = isLast(own, orphans, live) && !tools.isKeyNeeded() && (await tools.keypair.isThere(signal));
  return isKeyLeft ? [...found, describeKeypair(tools.keypair)] : found;
};

/** A line for each thing that was removed; what could not be is in the log, and found again the next time. */
export const sweep = async (tools: SweepTools, live: ReadonlySet<NodeId>, signal: AbortSignal): Promise<readonly string[]> => {
  const { servers, keypair, isKeyNeeded, log } = tools;
  const own = await servers.list(signal);
  const removed: OwnServer[] = [];
  for (const orphan of own.filter(server => isOrphan(tools, live, server))) {
    try {
      await servers.remove(orphan.server, signal);
      removed.push(orphan);
    } catch (error) {
      signal.throwIfAborted();
      const { id, name } = orphan.server;
      log.warn({ err: error, server: id, name }, 'a server that nobody owns could not be deleted yet');
    }
  }
  const isKeyGone = isLast(own, removed, live) && (await keypair.removeUnless(isKeyNeeded, signal));
  const lines = removed.map(({ server }) => describeServer(server));
  return isKeyGone ? [...lines, describeKeypair(keypair)] : lines;
};

/**
 * What is known here counts more than `live`, which is older than the list: a cloud that is slow to answer takes long enough over
 * that for a node to come online meanwhile.
 */
const isOrphan = ({ isBusy, serverIdOf }: SweepTools, live: ReadonlySet<NodeId>, { nodeId, server }: OwnServer): boolean => {
  if (isBusy(nodeId)) return false;
  const ownId = serverIdOf(nodeId);
  return ownId === null ? !live.has(nodeId) : ownId !== server.id;
};

/** Whether no server is left when these go, and none is to come. */
const isLast = (own: readonly OwnServer[], going: readonly OwnServer[], live: ReadonlySet<NodeId>): boolean =>
  own.length === going.length && live.size === 0;

const describeKeypair = ({ name }: Keypair): string => `keypair ${name}`;
