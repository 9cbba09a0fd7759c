/**
 * Nodes that are servers of an OpenStack cloud, made when they are wanted. What stands here is the life of a node; the steps of it are
 * the other files' (README.md).
 */
import { Subject } from 'rxjs';
import type { Log } from '../../base/log.ts';
import { messageOf } from '../../base/message-of.ts';
import { untilAborted } from '../../base/until-aborted.ts';
import type { NodeId } from '../../domain/names.ts';
import { type NodeActivity, NodeGoneError, type NodeNews, type RemoteHost, type RemoteProvisioner } from '../../engine/ports.ts';
import { hostBehind } from '../host-behind.ts';
import { createSshConnection, type SshConnectionOptions } from '../ssh/connection.ts';
import { type Blueprint, findBlueprint } from './blueprint.ts';
import { addressOf, type BootTools, boot } from './boot.ts';
import { trustAuthority } from './certificate-authority.ts';
import { type Clock, realClock } from './clock.ts';
import { type Env, readCloudConfig } from './cloud-config.ts';
import { createSend } from './http.ts';
import { createKeypair } from './keypair.ts';
import type { Connection, ConnectTo } from './machine.ts';
import { createNodeRecords, type NodeRecord } from './node-records.ts';
import { createNova, shortWords } from './nova.ts';
import { DEFAULT_TIMINGS, type OpenstackOptions, type Timings } from './options.ts';
import { serverNameOf } from './ownership.ts';
import { pinnedTo } from './pinned.ts';
import { createServers } from './servers.ts';
import { createSession } from './session.ts';
import { findOrphans, type SweepTools, sweep } from './sweep.ts';
import { untilLost, whyLost } from './watch.ts';

export type OpenstackProvisionerOptions = {
  /** The id of this server's instance: marks what is ours in a project that others use too. */
  readonly instance: string;
  readonly options: OpenstackOptions;
  /** A folder for the private key, and for what must be known of the servers after a restart. */
  readonly data: string;
  /** Where `OS_*` variables are. */
  readonly env: Env;
  readonly log: Log;
};

/** The world, as specs replace it. */
export type World = {
  readonly connect: (options: SshConnectionOptions) => Connection;
  readonly clock: Clock;
  readonly timings: Timings;
};

const REAL_WORLD: World = { connect: createSshConnection, clock: realClock, timings: DEFAULT_TIMINGS };

/** A node from the first thought of it until its server is gone. */
type Node = {
  readonly id: NodeId;
  /** Aborts when the node is lost or terminated; nothing is done with it any more. */
  readonly over: AbortController;
  /** For whoever wants the machine before there is one. */
  readonly ready: PromiseWithResolvers<Connection>;
  readonly host: RemoteHost;
  serverId: string | null;
  connection: Connection | null;
  isReached: boolean;
  /** Online: from now on it is news when it is lost, or not reached. */
  isOnline: boolean;
};

const isInUse = (node: Node | undefined): node is Node => node !== undefined && !node.over.signal.aborted;

/** Reads the configuration and asks the cloud nothing yet; throws an error of one line when that is missing or contradictory. */
export const createOpenstackProvisioner = (
  { instance, options, data, env, log }: OpenstackProvisionerOptions,
  { connect: connectSsh, clock, timings }: World = REAL_WORLD,
): RemoteProvisioner => {
  const config = readCloudConfig(env);
  if (config.caFile !== null) trustAuthority(config.caFile);
  const ask = createSession({ config, send: createSend({ clock, log }), clock });
  const nova = createNova(ask);
  const keypair = createKeypair({ nova, instance, folder: data, log });
  const servers = createServers({ nova, instance, keyName: keypair.name, options, timings, clock });
  const records = createNodeRecords(data);
  const closing = new AbortController();
  const news$ = new Subject<NodeNews>();
  const activity$ = new Subject<NodeActivity>();
  const nodes = new Map<NodeId, Node>();
  /** Nodes that a call is under way for: what is there of them in the cloud is that call's business. */
  const busy = new Set<NodeId>();

  /** Looked up once, and again after a failure: what it names may have been replaced. */
  let latestBlueprint: Promise<Blueprint> | null = null;
  const blueprint: BootTools['blueprint'] = async signal => {
    // Shared by all who wait for it, so that none of them can cancel it.
    latestBlueprint ??= findBlueprint(ask, options, closing.signal);
    return await untilAborted(latestBlueprint, signal);
  };

  const connectTo: ConnectTo = ({ address, privateKey, trust }) =>
    connectSsh({
      target: { host: address, port: 22, username: options.sshUsername },
      identity: { privateKeys: [privateKey] },
      trust,
      dockerSocket: options.dockerSocket,
      log,
    });

  const nodeOf = (nodeId: NodeId): Node => {
    const known = nodes.get(nodeId);
    if (isInUse(known)) return known;
    const ready = Promise.withResolvers<Connection>();
    const node: Node = {
      id: nodeId,
      over: new AbortController(),
      ready,
      host: hostBehind(ready.promise, serverNameOf(nodeId)),
      serverId: null,
      connection: null,
      isReached: false,
      isOnline: false,
    };
    nodes.set(nodeId, node);
    return node;
  };

  const useConnection = (node: Node, connection: Connection): void => {
    node.connection = connection;
    node.ready.resolve(connection);
    connection.state$.subscribe(state => {
      node.isReached = state.type === 'connected';
      if (!node.isOnline) return;
      if (state.type === 'connected') news$.next({ type: 'reachable', nodeId: node.id });
      else news$.next({ type: 'unreachable', nodeId: node.id, why: state.why });
    });
  };

  /** The machine is gone, or about to be: all that waits for it learns why. */
  const giveUp = (node: Node, why: string): void => {
    node.isOnline = false;
    node.over.abort(new NodeGoneError(why));
    node.ready.reject(new NodeGoneError(why));
    node.connection?.giveUp(why);
  };

  const lose = (node: Node, why: string): void => {
    giveUp(node, why);
    log.warn({ node: node.id, server: node.serverId, why }, 'the node is lost');
    news$.next({ type: 'lost', nodeId: node.id, why });
  };

  const watch = (node: Node, serverId: string): void => {
    if (node.isOnline) return;
    node.isOnline = true;
    const watched = { serverId, name: serverNameOf(node.id), isReached: () => node.isReached };
    const signal = AbortSignal.any([node.over.signal, closing.signal]);
    untilLost({ nova, timings, clock, log }, watched, signal).then(
      why => lose(node, why),
      () => undefined,
    );
  };

  const whileBusy = async <T>(nodeId: NodeId, work: () => Promise<T>): Promise<T> => {
    busy.add(nodeId);
    try {
      return await work();
    } finally {
      busy.delete(nodeId);
    }
  };

  const provision = async (nodeId: NodeId, cancel: AbortSignal): Promise<void> => {
    const node = nodeOf(nodeId);
    const signal = AbortSignal.any([cancel, node.over.signal, closing.signal]);
    let mayHaveServer = false;
    try {
      const tools = { nova, servers, keypair, blueprint, connectTo, options, timings, clock, log };
      const machine = await boot(
        tools,
        nodeId,
        {
          activity: activity => activity$.next({ nodeId, activity }),
          making: () => {
            mayHaveServer = true;
          },
          server: id => {
            node.serverId = id;
          },
          connection: connection => useConnection(node, connection),
        },
        signal,
      );
      await records.write(nodeId, machine);
      watch(node, machine.serverId);
    } catch (error) {
      if (!cancel.aborted) latestBlueprint = null;
      // The next server finds what this one has begun, and goes on with it.
      if (closing.signal.aborted) throw error;
      const why = cancel.aborted ? 'the provisioning was cancelled' : shortWords(error);
      giveUp(node, why);
      const left = mayHaveServer ? await removeAfterFailure(node) : '';
      nodes.delete(nodeId);
      throw new Error(`${why}${left}`, { cause: error });
    } finally {
      activity$.next({ nodeId, activity: null });
    }
  };

  /** Says what is left; nothing, when all is gone. */
  const removeAfterFailure = async ({ id, serverId }: Node): Promise<string> => {
    try {
      await servers.removeAllOf(id, serverId, closing.signal);
      await records.remove(id);
      return '';
    } catch (error) {
      log.error(
        { err: error, node: id, server: serverId },
        'the server of a failed node could not be deleted; it is tried again',
      );
      return `; its server could not be deleted yet (${messageOf(error)}), which is tried again every minute`;
    }
  };

  /** What is known of a node that was online; the cloud is asked where our own record is lost. */
  const recall = async (nodeId: NodeId, signal: AbortSignal): Promise<NodeRecord> => {
    const record = await records.read(nodeId);
    if (record !== null) return record;
    const own = (await servers.list(signal)).find(other => other.nodeId === nodeId);
    const why = whyLost(own?.server ?? null, serverNameOf(nodeId), false);
    if (own === undefined || why !== null) throw new NodeGoneError(why ?? '');
    const address = addressOf(own.server, options);
    if (address === null) throw new Error(`server ${own.server.name} has no IPv4 address`);
    return { serverId: own.server.id, address, hostKey: null };
  };

  const connect = async (nodeId: NodeId): Promise<void> => {
    const node = nodeOf(nodeId);
    const signal = AbortSignal.any([node.over.signal, closing.signal]);
    const name = serverNameOf(nodeId);
    try {
      const record = await recall(nodeId, signal);
      node.serverId = record.serverId;
      const trust = pinnedTo(record.hostKey, name, hostKey => records.write(nodeId, { ...record, hostKey }), log);
      if (node.connection === null) useConnection(node, connectTo({ ...record, privateKey: await keypair.privateKey(), trust }));
      await reach(node, record, signal);
      watch(node, record.serverId);
    } catch (error) {
      if (error instanceof NodeGoneError && !node.over.signal.aborted) giveUp(node, error.message);
      throw error;
    }
  };

  /** The cloud is asked only where the server does not answer: a restart must not depend on it. */
  const reach = async (node: Node, { serverId }: NodeRecord, signal: AbortSignal): Promise<void> => {
    try {
      await (node.connection as Connection).open(signal);
    } catch (error) {
      signal.throwIfAborted();
      const why = whyLost(await nova.findServer(serverId, signal), serverNameOf(node.id), false);
      if (why !== null) throw new NodeGoneError(why, { cause: error });
      news$.next({ type: 'unreachable', nodeId: node.id, why: messageOf(error) });
      throw error;
    }
    news$.next({ type: 'reachable', nodeId: node.id });
  };

  const terminate = async (nodeId: NodeId): Promise<void> => {
    const node = nodes.get(nodeId);
    if (node !== undefined) giveUp(node, `node ${nodeId} was terminated`);
    const serverId = node?.serverId ?? (await records.read(nodeId))?.serverId ?? null;
    await servers.removeAllOf(nodeId, serverId, closing.signal);
    await records.remove(nodeId);
    nodes.delete(nodeId);
  };

  const hostOf = (nodeId: NodeId): RemoteHost => {
    const node = nodes.get(nodeId);
    if (node === undefined) throw new NodeGoneError(`node ${nodeId} has no server`);
    return node.host;
  };

  const serverIdOf = (nodeId: NodeId): string | null => {
    const node = nodes.get(nodeId);
    return isInUse(node) ? node.serverId : null;
  };

  const sweepTools: SweepTools = {
    servers,
    keypair,
    isBusy: nodeId => busy.has(nodeId),
    serverIdOf,
    isKeyNeeded: () => busy.size > 0 || [...nodes.values()].some(isInUse),
    log,
  };

  return {
    name: 'openstack',
    provision: (nodeId, signal) => whileBusy(nodeId, () => provision(nodeId, signal)),
    connect,
    terminate: nodeId => whileBusy(nodeId, () => terminate(nodeId)),
    news$,
    hostOf,
    activity$,
    sweep: (live, { dryRun } = { dryRun: false }) => (dryRun ? findOrphans : sweep)(sweepTools, live, closing.signal),
    close: () => {
      closing.abort(new Error('the server stops'));
      for (const { connection } of nodes.values()) connection?.close();
    },
  };
};
