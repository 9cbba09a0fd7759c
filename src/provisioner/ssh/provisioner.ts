/**
 * Nodes that are machines which are there anyway: a fixed list, a node each. To make a node is to take a free one and connect to it;
 * to end it is to disconnect. Which keys, names and ports are used for a host is this user's ssh configuration's to say.
 */
import { Subject } from 'rxjs';
import type { Log } from '../../base/log.ts';
import type { NodeId } from '../../domain/names.ts';
import { NodeGoneError, type NodeNews, type RemoteProvisioner } from '../../engine/ports.ts';
import { dockerAnswers } from '../docker-answers.ts';
import { createBindings } from './bindings.ts';
import { createSshConnection, type SshConnection } from './connection.ts';
import { readIdentity } from './identity.ts';
import { knownHost } from './known-hosts.ts';
import { type Environment, readSshConfig } from './ssh-config.ts';

export type SshProvisionerOptions = {
  /** `user@host[:port]` each. */
  readonly hosts: readonly string[];
  /** Where Docker listens on each of them: `unix:///var/run/docker.sock` or `tcp://host:port`. */
  readonly dockerSocket: string;
  /** A folder that says, over restarts, which node is which host. */
  readonly data: string;
  readonly log: Log;
  /** Where `ssh` is found, and the agent. @default process.env */
  readonly env?: Environment;
};

/** A start of the server does not wait longer than this for a host that does not answer. */
const CONNECT_LIMIT_MS = 15_000;

/** Provisions the hosts of `--ssh-hosts`. */
export const createSshProvisioner = (options: SshProvisionerOptions): RemoteProvisioner => {
  const { hosts, dockerSocket, log, env = process.env } = options;
  const bindings = createBindings(options.data);
  const connections = new Map<NodeId, SshConnection>();
  const inTheMaking = new Set<NodeId>();
  const news$ = new Subject<NodeNews>();
  const activity$ = new Subject<{ readonly nodeId: NodeId; readonly activity: string | null }>();

  const connectionTo = async (host: string): Promise<SshConnection> => {
    const config = await readSshConfig(host, env);
    const { trust, keyTypes } = knownHost(config, env);
    const identity = await readIdentity(config);
    return createSshConnection({ target: config.target, identity, trust, hostKeyTypes: keyTypes, dockerSocket, log });
  };

  const adopt = (nodeId: NodeId, connection: SshConnection): void => {
    connections.set(nodeId, connection);
    connection.state$.subscribe(state => {
      if (state.type === 'lost') news$.next({ type: 'unreachable', nodeId, why: state.why });
      else news$.next({ type: 'reachable', nodeId });
    });
  };

  /** The host as a node: connected, and its Docker answers. */
  const prepare = async (nodeId: NodeId, host: string, signal: AbortSignal): Promise<SshConnection> => {
    activity$.next({ nodeId, activity: `connecting to ${host}` });
    const connection = await connectionTo(host);
    try {
      await connection.open(signal);
      activity$.next({ nodeId, activity: 'waiting for Docker' });
      await dockerAnswers(connection, signal);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  };

  const provision: RemoteProvisioner['provision'] = async (nodeId, signal) => {
    signal.throwIfAborted();
    inTheMaking.add(nodeId);
    try {
      const host = await bindings.take(nodeId, hosts);
      if (host === null)
        throw new Error(`all ${hosts.length} hosts of --ssh-hosts are nodes already: lower --max-nodes, or add hosts`);
      adopt(nodeId, await prepare(nodeId, host, signal));
    } catch (error) {
      await bindings.free(nodeId);
      throw error;
    } finally {
      inTheMaking.delete(nodeId);
      activity$.next({ nodeId, activity: null });
    }
  };

  /** A node that a crash cut off in the making may be forgotten, and would keep its host for ever. */
  const sweep: RemoteProvisioner['sweep'] = async live => {
    const forgotten = (await bindings.list()).filter(id => !live.has(id) && !connections.has(id) && !inTheMaking.has(id));
    for (const nodeId of forgotten) await bindings.free(nodeId);
    return forgotten.map(nodeId => `the host of node ${nodeId}, which is forgotten`);
  };

  /** A host that does not answer just now has the node's containers all the same: it is asked until it does. */
  const connect: RemoteProvisioner['connect'] = async nodeId => {
    const host = await bindings.hostOf(nodeId);
    if (host === null) throw new NodeGoneError(`node ${nodeId} has no host any more`);
    if (!hosts.includes(host)) throw new NodeGoneError(`${host}, which node ${nodeId} was, is not in --ssh-hosts any more`);
    if (connections.has(nodeId)) return;
    const connection = await connectionTo(host);
    adopt(nodeId, connection);
    try {
      await connection.open(AbortSignal.timeout(CONNECT_LIMIT_MS));
    } catch (error) {
      const why = (error as Error).message;
      log.warn({ node: nodeId, host, why }, 'a node does not answer after the restart; it is tried on');
      news$.next({ type: 'unreachable', nodeId, why });
      connection.keepTrying();
    }
  };

  return {
    name: 'ssh',
    provision,
    connect,
    terminate: async nodeId => {
      connections.get(nodeId)?.giveUp(`node ${nodeId} was ended`);
      connections.delete(nodeId);
      await bindings.free(nodeId);
    },
    news$,
    hostOf: nodeId => {
      const connection = connections.get(nodeId);
      if (connection === undefined) throw new NodeGoneError(`node ${nodeId} has no host`);
      return connection;
    },
    activity$,
    sweep,
    close: () => {
      for (const connection of connections.values()) connection.close();
      connections.clear();
    },
  };
};
