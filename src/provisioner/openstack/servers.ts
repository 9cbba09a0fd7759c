/**
 * The servers of one instance: found by their metadata, made once for a node however often that is asked, deleted until they are gone.
 * Everything that costs money passes through here.
 */
import type { NodeId } from '../../domain/names.ts';
import type { Blueprint } from './blueprint.ts';
import { type Clock, poll } from './clock.ts';
import type { Nova, Server } from './nova.ts';
import { OpenstackError } from './openstack-error.ts';
import type { OpenstackOptions, Timings } from './options.ts';
import { describeServer, isGone, metadataOf, nodeOf, serverNameOf } from './ownership.ts';

export type OwnServer = { readonly nodeId: NodeId; readonly server: Server };

export type Servers = {
  /** All servers of this instance that are not gone. */
  list(signal: AbortSignal): Promise<readonly OwnServer[]>;
  /**
   * The id of the node's server: the one that an earlier call made, before a crash or an answer that was lost, or a new one. Deletes
   * what else there is of the node. A request under way is not cut by `signal`: the cloud would go on with it, unseen.
   */
  ensure(nodeId: NodeId, blueprint: Blueprint, signal: AbortSignal): Promise<string>;
  /** Deletes a server and waits until it is gone; rejects when that can't be confirmed in time. */
  remove(server: Pick<Server, 'id' | 'name'>, signal: AbortSignal): Promise<void>;
  /** {@link Servers.remove} for all servers of a node, and for the one known by its id, which lists may leave out. */
  removeAllOf(nodeId: NodeId, knownId: string | null, signal: AbortSignal): Promise<void>;
};

type ServersOptions = {
  readonly nova: Nova;
  readonly instance: string;
  readonly keyName: string;
  readonly options: OpenstackOptions;
  readonly timings: Timings;
  readonly clock: Clock;
};

/** How often a server is asked for whose making nobody can tell the outcome of. */
const CREATE_TRIES = 4;

/** Before looking whether a request without an answer made a server: it may still be at it. */
const LOST_ANSWER_WAIT_MS = 5_000;

export const createServers = ({ nova, instance, keyName, options, timings, clock }: ServersOptions): Servers => {
  const list: Servers['list'] = async signal =>
    (await nova.listServers(signal)).flatMap(server => {
      const nodeId = nodeOf(instance, server);
      return nodeId === null || isGone(server) ? [] : [{ nodeId, server }];
    });

  const listOf = async (nodeId: NodeId, signal: AbortSignal): Promise<readonly Server[]> =>
    (await list(signal)).filter(own => own.nodeId === nodeId).map(({ server }) => server);

  /** Nothing may wait for a server that failed, or that another key opens. */
  const isUsable = ({ status, taskState, keyName: key }: Server): boolean =>
    (status === 'ACTIVE' || status === 'BUILD') && taskState !== 'deleting' && key === keyName;

  const adopt = async (nodeId: NodeId, signal: AbortSignal): Promise<string | null> => {
    const found = await listOf(nodeId, signal);
    const adopted = found.find(isUsable) ?? null;
    for (const other of found) if (other !== adopted) await remove(other, signal);
    return adopted?.id ?? null;
  };

  const create = async (nodeId: NodeId, blueprint: Blueprint, signal: AbortSignal): Promise<string> => {
    const { securityGroups } = options;
    const metadata = metadataOf(instance, nodeId, clock.now());
    const request = { name: serverNameOf(nodeId), keyName, metadata, securityGroups, ...blueprint };
    // Not cut by the signal, and waited for: who cleans up after a cancel must find what was made.
    const id = await nova.createServer(request, NEVER_ABORTED);
    signal.throwIfAborted();
    return id;
  };

  const ensure: Servers['ensure'] = async (nodeId, blueprint, signal) => {
    for (let tries = 1; ; tries++) {
      const adopted = await adopt(nodeId, signal);
      if (adopted !== null) return adopted;
      signal.throwIfAborted();
      try {
        return await create(nodeId, blueprint, signal);
      } catch (error) {
        signal.throwIfAborted();
        const isLost = error instanceof OpenstackError && error.fate === 'unknown';
        if (!isLost || tries === CREATE_TRIES) throw error;
        await clock.sleep(LOST_ANSWER_WAIT_MS, signal);
      }
    }
  };

  const remove: Servers['remove'] = async (server, signal) => {
    let last: Server | null = null;
    let isTold = false;
    const gone = await poll(clock, { everyMs: timings.deleteEveryMs, limitMs: timings.deleteMs }, signal, async () => {
      last = await nova.findServer(server.id, signal);
      if (last === null || isGone(last)) return true;
      // Again and again: a server that is just being built or moved may forget that it was told to go. And at least once: "deleting"
      // may be what an earlier attempt left, and Nova lost.
      if (!isTold || last.taskState !== 'deleting') await nova.deleteServer(server.id, signal).catch(unlessBusy);
      isTold = true;
      return null;
    });
    if (gone !== null) return;
    const { status, taskState } = last as unknown as Server;
    const state = taskState === null ? status : `${status}, ${taskState}`;
    throw new Error(`${describeServer(server)} is still there ${timings.deleteMs / 1_000} s after it was told to go (${state})`);
  };

  const removeAllOf: Servers['removeAllOf'] = async (nodeId, knownId, signal) => {
    const listed = await listOf(nodeId, signal);
    const isListed = listed.some(({ id }) => id === knownId);
    const all = knownId === null || isListed ? listed : [...listed, { id: knownId, name: serverNameOf(nodeId) }];
    await Promise.all(all.map(server => remove(server, signal)));
  };

  return { list, ensure, remove, removeAllOf };
};

const NEVER_ABORTED = new AbortController().signal;

/** Nova refuses with 409 what does not go with what it is doing just now. */
const unlessBusy = (error: unknown): void => {
  if (!(error instanceof OpenstackError) || error.status !== 409) throw error;
};
