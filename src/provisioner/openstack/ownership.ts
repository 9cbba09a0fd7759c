/**
 * Which servers and keypairs are ours. Names are not unique in Nova, and several Alfreds may share a project: a server says by its
 * metadata which one made it, and for which node; a keypair, which has none, by its name.
 */
import { hostname } from 'node:os';
import type { NodeId } from '../../domain/names.ts';
import type { Server } from './nova.ts';

const OWNER = 'alfred-provisioner';
const PROVISIONED_AT = 'alfred-provisioned-at';
const NODE = 'alfred-node';

export const serverNameOf = (nodeId: NodeId): string => `alfred-${nodeId}`;

export const keypairNameOf = (instance: string): string => `alfred-${instance}`;

/** The host is for people who wonder whose servers these are: an instance that moves to another host still knows its own. */
export const metadataOf = (instance: string, nodeId: NodeId, now: number): Readonly<Record<string, string>> => ({
  [OWNER]: `${instance}@${hostname()}`,
  [NODE]: nodeId,
  [PROVISIONED_AT]: new Date(now).toISOString(),
});

/** The node that a server was made for; `null`: it is not one of this instance's. */
export const nodeOf = (instance: string, { metadata }: Server): NodeId | null => {
  if (metadata[OWNER]?.split('@')[0] !== instance) return null;
  return (metadata[NODE] ?? '') as NodeId;
};

/** As messages and logs name a server. */
export const describeServer = ({ name, id }: Pick<Server, 'name' | 'id'>): string => `server ${name} (${id})`;

/** Gone for good, but for the cloud's own grace: some keep deleted servers a while, for those who change their mind. */
export const isGone = ({ status }: Server): boolean => status === 'DELETED' || status === 'SOFT_DELETED';
