/**
 * Nodes that are machines which are there anyway: a fixed list, a node each. To make a node is to take a free one and connect to it;
 * to end it is to disconnect. Which keys, names and ports are used for a host is this user's ssh configuration's to say.
 */
import { Subject } from 'rxjs';
import type { Log } from '../../base/log.ts';
import { untilAborted } from '../../base/until-aborted.ts';
import type { NodeId } from '../../domain/names.ts';
import { type NodeActivity, NodeGoneError, type NodeNews, type RemoteHost, type RemoteProvisioner } from '../../engine/ports.ts';
import { dockerAnswers } from '../docker-answers.ts';
import { hostBehind } from '../host-behind.ts';
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

/** A node that is provisioned, or being connected again. */
type Node = {
  /** For whoever wants the machine before the way to it is known. */
  readonly ready: PromiseWithResolvers<SshConnection>;
  readonly host: RemoteHost;
  /** `null`: this user's ssh configuration did not say yet how to connect. */
  connection: SshConnection | null;
};

/** Provisions the hosts of `--ssh-hosts`. */
export const createSshProvisioner = (options: SshProvisionerOptions): RemoteProvisioner => {
  const { hosts, dockerSocket, log, env = process.env } = options;
  const bindings = createBindings(options.data);
  const nodes = new Map<NodeId, Node>();
  const inTheMaking = new Set<NodeId>();
  const news$ = new Subject<NodeNews>();
  const activity$ = new Subject<NodeActivity>();

  const connectionTo = async (host: string): Promise<SshConnection> => {
    const config = await readSshConfig(host, env);
    const { trust, keyTypes } = knownHost(config, env);
    const identity = await readIdentity(config);
    return createSshConnection({ target: config.target, identity, trust, hostKeyTypes: keyTypes, dockerSocket, log });
  };

  const newNode = (nodeId: NodeId): Node => {
    const ready = Promise.withResolvers<SshConnection>();
    const node: Node = { ready, host: hostBehind(ready.promise, `node ${nodeId}`), connection: null };
    nodes.set(nodeId, node);
    return node;
  };

  const useConnection = (nodeId: NodeId, node: Node, connection: SshConnection): void => {
    node.connection = connection;
    node.ready.resolve(connection);
    connection.state$.subscribe(state => {
      if (state.type === 'lost') news$.next({ type: 'unreachable', nodeId, why: state.why });
      else news$.next({ type: 'reachable', nodeId });
    });
  };

  /** All that waits for the node, or is asked of it later, learns that it is gone. */
  const giveUp = (nodeId: NodeId, gone: NodeGoneError): void => {
    const node = nodes.get(nodeId);
    nodes.delete(nodeId);
    node?.ready.reject(gone);
    node?.connection?.giveUp(gone.message);
  };

  /** The host as a node: connected, and its Docker answers. */
  const prepare = async (nodeId: NodeId, host: string, signal: AbortSignal): Promise<SshConnection> => {
    activity$.next({ nodeId, activity: `connecting to ${host}` });
    const connection = await untilAborted(connectionTo(host), signal);
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
      const connection = await prepare(nodeId, host, signal);
      useConnection(nodeId, newNode(nodeId), connection);
    } catch (error) {
      await bindings.free(nodeId);
      throw error;
    } finally {
      inTheMaking.delete(nodeId);
      activity$.next({ nodeId, activity: null });
    }
  };

  /** A node that a crash cut off in the making may be forgotten, and would keep its host for ever. */
  const sweep: RemoteProvisioner['sweep'] = async (live, { dryRun } = { dryRun: false }) => {
    const forgotten = (await bindings.list()).filter(id => !live.has(id) && !nodes.has(id) && !inTheMaking.has(id));
    if (!dryRun) for (const nodeId of forgotten) await bindings.free(nodeId);
    return forgotten.map(nodeId => `the host of node ${nodeId}, which is forgotten`);
  };

  /** The host that the node was before the restart. */
  const hostAgain = async (nodeId: NodeId): Promise<string> => {
    const host = await bindings.hostOf(nodeId);
    if (host === null) throw new NodeGoneError(`node ${nodeId} has no host any more`);
    if (!hosts.includes(host)) throw new NodeGoneError(`${host}, which node ${nodeId} was, is not in --ssh-hosts any more`);
    return host;
  };

  /**
   * A host that does not answer just now has the node's containers all the same: it is asked until it does. Where this user's ssh
   * configuration can't be used, nobody knows more of the host: then this rejects, and whoever waits for the node waits on.
   */
  const connect: RemoteProvisioner['connect'] = async nodeId => {
    const node = nodes.get(nodeId) ?? newNode(nodeId);
    if (node.connection !== null) return;
    try {
      const host = await hostAgain(nodeId);
      const connection = await connectionTo(host);
      // Ended meanwhile.
      if (nodes.get(nodeId) !== node) return;
      useConnection(nodeId, node, connection);
      await openOrKeepTrying(nodeId, host, connection);
    } catch (error) {
      if (error instanceof NodeGoneError) giveUp(nodeId, error);
      throw error;
    }
  };

  const openOrKeepTrying = async (nodeId: NodeId, host: string, connection: SshConnection): Promise<void> => {
    const limit = AbortSignal.timeout(CONNECT_LIMIT_MS);
    try {
      await connection.open(limit);
    } catch (error) {
      if (!nodes.has(nodeId)) return;
      const why = limit.aborted ? `ssh ${host}: no answer in ${CONNECT_LIMIT_MS / 1_000} s` : (error as Error).message;
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
      giveUp(nodeId, new NodeGoneError(`node ${nodeId} was ended`));
      await bindings.free(nodeId);
    },
    news$,
    hostOf: nodeId => {
      const node = nodes.get(nodeId);
      if (node === undefined) throw new NodeGoneError(`node ${nodeId} has no host`);
      return node.host;
    },
    activity$,
    sweep,
    close: () => {
      for (const { connection, ready } of nodes.values()) {
        ready.reject(new Error('the server stops'));
        connection?.close();
      }
      nodes.clear();
    },
  };
};
