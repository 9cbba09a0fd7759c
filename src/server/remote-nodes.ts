/**
 * Nodes that are other machines: each is connected when somebody first asks for it, and forgotten when it is over. Everything that
 * is done with one waits while it can't be reached, and fails once it is gone.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { filter, merge, Subject } from 'rxjs';
import type { Log } from '../base/log.ts';
import { untilAborted } from '../base/until-aborted.ts';
import type { Engine as DockerEngine } from '../docker/engine.ts';
import { connectRemoteEngine } from '../docker/remote-engine.ts';
import { takeOver } from '../docker/take-over.ts';
import { createImageTransfers } from '../docker/transfer/transfers.ts';
import type { NodeId } from '../domain/names.ts';
import { taskOf } from '../domain/task.ts';
import { type NodeActivity, NodeGoneError, type RemoteHost, type RemoteProvisioner, type Workspace } from '../engine/ports.ts';
import type { LocalWorkspace } from '../workspace/local.ts';
import { createRemoteWorkspace } from '../workspace/remote.ts';
import type { Nodes } from './nodes.ts';

export type RemoteNodesOptions = {
  readonly provisioner: RemoteProvisioner;
  /** Marks what is this server's on engines that others use too. */
  readonly instance: string;
  /** This machine's engine, to which images are uploaded. */
  readonly engine: DockerEngine;
  /** Where the tasks have their files on a node. */
  readonly nodeWorkspace: string;
  /** Where their logs are kept, on this machine. */
  readonly logs: LocalWorkspace;
  /** For images on their way. */
  readonly transferFolder: string;
  readonly log: Log;
};

/** A node that somebody has asked for. */
type Place = {
  readonly host: RemoteHost;
  readonly workspace: Workspace;
  /** Aborts, with a {@link NodeGoneError}, when the node is over. */
  readonly over: AbortController;
  /** `null`: nobody has asked for it, or the last one was told that it does not answer. */
  engine: Promise<DockerEngine> | null;
};

/** How long the end of a node waits for its tasks' clean-up: the machine may stay, and be out of reach from then on. */
const CLEAN_UP_LIMIT_MS = 30_000;

/** Connects to nobody yet. */
export const createRemoteNodes = (options: RemoteNodesOptions): Nodes => {
  const { provisioner, instance, nodeWorkspace: root, logs, log } = options;
  const transferring$ = new Subject<NodeActivity>();
  const transfers = createImageTransfers({
    source: options.engine,
    folder: options.transferFolder,
    log,
    onProgress: (nodeId, activity) => transferring$.next({ nodeId, activity }),
  });
  const places = new Map<NodeId, Place>();
  const connecting = new Map<NodeId, Promise<void>>();
  const cleanUps = new Map<NodeId, Set<Promise<void>>>();

  const engineOf = (place: Place): Promise<DockerEngine> => {
    place.engine ??= connectRemoteEngine(place.host, place.over.signal).catch(error => {
      place.engine = null;
      throw error;
    });
    return place.engine;
  };

  const newPlace = (nodeId: NodeId): Place => {
    const host = provisioner.hostOf(nodeId);
    const workspace = createRemoteWorkspace({
      host,
      root,
      logs,
      takeOver: async (path, owner, look) => takeOver(await engineOf(place), instance, path, owner, look),
    });
    const place: Place = { host, workspace, over: new AbortController(), engine: null };
    places.set(nodeId, place);
    return place;
  };

  /** After a restart a node is asked for before its provisioner has found out again what it is. */
  const placeOf = async (nodeId: NodeId): Promise<Place> => {
    try {
      return places.get(nodeId) ?? newPlace(nodeId);
    } catch (error) {
      const underWay = connecting.get(nodeId);
      if (underWay === undefined) throw error;
      await underWay;
      return places.get(nodeId) ?? newPlace(nodeId);
    }
  };

  const forget = (nodeId: NodeId, why: string): void => {
    places.get(nodeId)?.over.abort(new NodeGoneError(why));
    places.delete(nodeId);
    transferring$.next({ nodeId, activity: null });
  };
  provisioner.news$
    .pipe(filter(news => news.type === 'lost'))
    .subscribe(({ nodeId, why }) => forget(nodeId, `node ${nodeId} is gone: ${why}`));

  const hostOf: Nodes['hostOf'] = async (nodeId, signal) => {
    const place = await untilAborted(placeOf(nodeId), signal);
    const engine = await untilAborted(engineOf(place), signal);
    return { engine, workspace: place.workspace, images: transfers.to(nodeId, engine, place.host) };
  };

  const cleanedUp = async (nodeId: NodeId): Promise<void> => {
    await Promise.race([Promise.allSettled(cleanUps.get(nodeId) ?? []), delay(CLEAN_UP_LIMIT_MS, undefined, { ref: false })]);
  };

  const withCleanUps: Nodes['withCleanUps'] = runner => ({
    ...runner,
    cleanUp: async run => {
      const underWay = cleanUps.get(run.nodeId) ?? new Set();
      const cleanUp = runner.cleanUp(run).catch(async error => {
        if (!isGone(error)) throw error;
        await logs.remove(taskOf(run).fullName);
      });
      cleanUps.set(run.nodeId, underWay.add(cleanUp));
      await cleanUp.finally(() => {
        underWay.delete(cleanUp);
        if (underWay.size === 0) cleanUps.delete(run.nodeId);
      });
    },
  });

  const connect = async (nodeId: NodeId): Promise<void> => {
    const underWay = provisioner.connect(nodeId).finally(() => connecting.delete(nodeId));
    connecting.set(nodeId, underWay);
    await underWay;
  };

  const terminate = async (nodeId: NodeId): Promise<void> => {
    await cleanedUp(nodeId);
    await provisioner.terminate(nodeId);
    forget(nodeId, `node ${nodeId} was terminated`);
  };

  return {
    provisioner: { ...provisioner, connect, terminate },
    activity$: merge(provisioner.activity$, transferring$),
    hostOf,
    workspaceOf: async nodeId => (await placeOf(nodeId)).workspace,
    withCleanUps,
    sweepMachines: provisioner.sweep,
    close: async () => {
      for (const nodeId of [...places.keys()]) forget(nodeId, 'the server stops');
      await transfers.close();
      provisioner.close();
    },
  };
};

/** Whether this failed because the node is gone: then all that was on it is gone, too. */
const isGone = (error: unknown): boolean => error instanceof NodeGoneError || (error instanceof Error && isGone(error.cause));
