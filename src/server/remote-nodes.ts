/**
 * Nodes that are other machines: each is connected when somebody first asks for it, and forgotten when it is over. Everything that
 * is done with one waits while it can't be reached, and fails once it is gone: then the logs of its tasks are left, which are here.
 */
import { setTimeout as delay, setImmediate as endOfTurn } from 'node:timers/promises';
import { concat, filter, from, merge, mergeMap, type Observable, of, Subject } from 'rxjs';
import type { Log } from '../base/log.ts';
import { untilAborted } from '../base/until-aborted.ts';
import type { Engine as DockerEngine } from '../docker/engine.ts';
import { findCause } from '../docker/errors.ts';
import { connectRemoteEngine, goneEngine } from '../docker/remote-engine.ts';
import { takeOver } from '../docker/take-over.ts';
import type { TaskHost } from '../docker/task-scope.ts';
import { createImageTransfers } from '../docker/transfer/transfers.ts';
import type { NodeId } from '../domain/names.ts';
import { taskOf } from '../domain/task.ts';
import {
  type NodeActivity,
  NodeGoneError,
  type NodeNews,
  type RemoteHost,
  type RemoteProvisioner,
  type Workspace,
} from '../engine/ports.ts';
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

/** How long the end of a node waits for what is under way there: the machine may stay, and be out of reach from then on. */
const WORK_LIMIT_MS = 30_000;

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
  const runs = createWorkOnNodes();
  const cleanUps = createWorkOnNodes();

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
  provisioner.news$.pipe(filter(news => news.type === 'lost')).subscribe(({ nodeId, why }) => forget(nodeId, why));

  /** A node that is gone, as its tasks see it. */
  const remainsOf = (nodeId: NodeId, gone: NodeGoneError): TaskHost => {
    const host = goneHost(nodeId, gone);
    const engine = goneEngine(host);
    return { engine, workspace: createRemoteWorkspace({ host, root, logs }), images: transfers.to(nodeId, engine, host) };
  };

  const hostOf: Nodes['hostOf'] = async (nodeId, signal) => {
    try {
      const place = await untilAborted(placeOf(nodeId), signal);
      const engine = await untilAborted(engineOf(place), signal);
      return { engine, workspace: place.workspace, images: transfers.to(nodeId, engine, place.host) };
    } catch (error) {
      if (error instanceof NodeGoneError) return remainsOf(nodeId, error);
      throw error;
    }
  };

  const workspaceOf: Nodes['workspaceOf'] = async nodeId => {
    try {
      return (await placeOf(nodeId)).workspace;
    } catch (error) {
      if (error instanceof NodeGoneError) return remainsOf(nodeId, error).workspace;
      throw error;
    }
  };

  const attended: Nodes['attended'] = runner => ({
    run: (run, signal) => runs.during(run.nodeId, runner.run(run, signal)),
    cleanUp: run =>
      cleanUps.during(
        run.nodeId,
        runner.cleanUp(run).catch(async error => {
          // All that was on the node is gone with it.
          if (findCause(error, NodeGoneError) === null) throw error;
          await logs.remove(taskOf(run).fullName);
        }),
      ),
  });

  /**
   * Resolves when the runs on a node that is gone have ended: each with an artifact of what is left, and with the loss as its
   * reason. Told before, it would end the tasks over their heads, and who asks for their artifacts then would find none.
   */
  const runsEnded = async (nodeId: NodeId): Promise<void> => {
    await runs.over(nodeId);
    // They have ended; that they have is to be heard first.
    await endOfTurn();
  };

  const tellLoss = (loss: Extract<NodeNews, { readonly type: 'lost' }>): Observable<NodeNews> =>
    // It gets nothing new meanwhile.
    concat(of({ ...loss, type: 'unreachable' as const }), from(runsEnded(loss.nodeId).then(() => loss)));

  const news$ = provisioner.news$.pipe(mergeMap(news => (news.type === 'lost' ? tellLoss(news) : of(news))));

  const connect = async (nodeId: NodeId): Promise<void> => {
    const underWay = provisioner.connect(nodeId).finally(() => connecting.delete(nodeId));
    connecting.set(nodeId, underWay);
    try {
      await underWay;
    } catch (error) {
      if (error instanceof NodeGoneError) await runsEnded(nodeId);
      throw error;
    }
  };

  const terminate = async (nodeId: NodeId): Promise<void> => {
    await cleanUps.over(nodeId);
    await provisioner.terminate(nodeId);
    forget(nodeId, `node ${nodeId} was terminated`);
    // Of a node that was given up while it was out of reach: they learn it now.
    await runs.over(nodeId);
  };

  return {
    provisioner: { ...provisioner, connect, terminate, news$ },
    activity$: merge(provisioner.activity$, transferring$),
    hostOf,
    workspaceOf,
    attended,
    sweepMachines: provisioner.sweep,
    close: async () => {
      for (const nodeId of [...places.keys()]) forget(nodeId, 'the server stops');
      await transfers.close();
      provisioner.close();
    },
  };
};

/** Whatever is asked of it, the answer is that it is gone. */
const goneHost = (nodeId: NodeId, gone: NodeGoneError): RemoteHost => ({
  address: nodeId,
  run: () => Promise.reject(gone),
  dialDocker: () => Promise.reject(gone),
});

/** What is under way on each node. */
const createWorkOnNodes = () => {
  const underWay = new Map<NodeId, Set<Promise<unknown>>>();
  return {
    during: async <T>(nodeId: NodeId, work: Promise<T>): Promise<T> => {
      const onNode = underWay.get(nodeId) ?? new Set();
      underWay.set(nodeId, onNode.add(work));
      try {
        return await work;
      } finally {
        onNode.delete(work);
        if (onNode.size === 0) underWay.delete(nodeId);
      }
    },
    /** Resolves when it has ended, or takes too long. */
    over: async (nodeId: NodeId): Promise<void> => {
      const ended = Promise.allSettled(underWay.get(nodeId) ?? []);
      await Promise.race([ended, delay(WORK_LIMIT_MS, undefined, { ref: false })]);
    },
  };
};
