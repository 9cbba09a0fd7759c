import { setTimeout as delay } from 'node:timers/promises';
import { ask, change } from './calls.ts';
import type { Engine } from './engine.ts';
import { EngineError, hasStatus, messageOf } from './errors.ts';
import { hasLabels, LABEL, type Labels, labelFilter } from './names.ts';
import { contains, formatSubnet, freeBlock, parseSubnet, prefixFor, type Subnet } from './subnets.ts';

/** The blocks that networks are made from, as the operator gave it. */
export type NetworkRange = { readonly subnet: Subnet; readonly text: string };

/** Reads `--network-range`; throws with one line that says what it should look like. */
export const parseNetworkRange = (text: string): NetworkRange => {
  const subnet = parseSubnet(text);
  if (subnet === null) throw new Error(`--network-range ${text}: give IPv4 addresses like 10.83.0.0/16`);
  return { subnet, text };
};

/** The task's network: what it is called and marked with, and how many containers will be in it at a time. */
export type NetworkRequest = { readonly name: string; readonly labels: Labels; readonly containers: number };

/** Subnets that the engine may refuse. Each is drawn by chance: even where half of the range is in the way, one of them is free. */
const TRIES = 16;

const WHAT_TO_DO = 'give the server other addresses with --network-range, or remove networks that nobody uses';

/** Until a name that is taken shows in the list. */
const UNSEEN_WAIT_MS = 200;

/**
 * Makes a task's network or finds the one that an earlier run made; returns its id. Each network gets a small subnet of our own
 * range: the engine's default pools are used up after some thirty networks (moby gives each a /20 or more).
 */
export const ensureNetwork = async (
  engine: Engine,
  range: NetworkRange,
  request: NetworkRequest,
  signal: AbortSignal,
): Promise<string> => {
  const refused: Subnet[] = [];
  const routes = await engine.hostRoutes();
  const prefix = prefixFor(request.containers);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const networks = await listNetworks(engine, signal);
    const own = networks.filter(network => hasLabels(network.labels, request.labels));
    if (own.length > 0) return await theOneInUse(engine, own, request.labels, signal);
    if (networks.some(network => network.name === request.name))
      throw new EngineError(`network name ${request.name} is taken by a network that is not this task's: rename the task`);

    const inUse = [...networks.flatMap(network => network.subnets), ...usedBy(routes, range), ...refused];
    // By chance: what an engine is still making for a server that was killed is in no list, and the first free one would be it.
    const subnet = freeBlock(range.subnet, prefix, [...inUse, ...engine.subnetsInTheMaking], Math.random());
    if (subnet === null) throw new EngineError(`no free /${prefix} subnet is left in ${range.text}: ${WHAT_TO_DO}`);
    engine.subnetsInTheMaking.add(subnet);
    try {
      return await createNetwork(engine, request, subnet, signal);
    } catch (error) {
      if (hasStatus(error, 409)) {
        // The last request of a run that crashed is making it: in a moment it is in the list.
        await delay(UNSEEN_WAIT_MS, undefined, { signal });
        continue;
      }
      if (!isOverlap(error)) throw error;
      refused.push(subnet);
    } finally {
      engine.subnetsInTheMaking.delete(subnet);
    }
  }
  throw new EngineError(
    `the engine refused ${TRIES} subnets of ${range.text}, as if something that it does not list had them: ${WHAT_TO_DO}`,
  );
};

/**
 * Of a task's networks, the one that its containers were made for. There is one, but for an engine before API 1.44 that was still
 * making it for a server that was killed: it makes the next server's too.
 */
const theOneInUse = async (
  engine: Engine,
  networks: readonly FoundNetwork[],
  { [LABEL.role]: _, ...task }: Labels,
  signal: AbortSignal,
): Promise<string> => {
  const ids = networks.map(({ id }) => id);
  const containers = ids.length > 1 ? await networksOfContainers(engine, task, signal) : [];
  return containers.find(id => ids.includes(id)) ?? ids[0] ?? '';
};

/** The networks that the task's containers were made for, running or not. */
const networksOfContainers = async (engine: Engine, task: Labels, signal: AbortSignal): Promise<readonly string[]> => {
  const list = await ask(
    'list containers',
    abortSignal => engine.docker.listContainers({ all: true, filters: labelFilter(task), abortSignal }),
    signal,
  );
  return list.map(({ HostConfig }) => HostConfig.NetworkMode);
};

/** The engine starts no container in a network that shares its name with another, whatever id the container was made with. */
export const isAmbiguous = (error: unknown): boolean => error instanceof EngineError && /is ambiguous/.test(error.message);

/** Removes the networks that an engine made twice for the same task, all but this one. */
export const removeTwins = async (engine: Engine, networkId: string): Promise<void> => {
  const networks = await listNetworks(engine);
  const kept = networks.find(({ id }) => id === networkId);
  if (kept === undefined) return;
  const twins = networks.filter(({ id, name, labels }) => id !== kept.id && name === kept.name && hasLabels(labels, kept.labels));
  for (const { id } of twins) await removeNetwork(engine, id);
};

/**
 * The routes that say something of the range. A route to all of it and more (the default route, a company's 10.0.0.0/8) does not:
 * the operator chose the range knowing it.
 */
const usedBy = (routes: readonly Subnet[], { subnet }: NetworkRange): readonly Subnet[] =>
  routes.filter(route => !contains(route, subnet));

type FoundNetwork = { readonly id: string; readonly name: string; readonly labels: Labels; readonly subnets: readonly Subnet[] };

const listNetworks = async (engine: Engine, signal?: AbortSignal, labels: Labels = {}): Promise<readonly FoundNetwork[]> => {
  const list = await ask(
    'list networks',
    abortSignal => engine.docker.listNetworks({ filters: labelFilter(labels), abortSignal }),
    signal,
  );
  return list.map(({ Id: id, Name: name, Labels: found, IPAM }) => ({
    id,
    name,
    labels: found ?? {},
    subnets: (IPAM?.Config ?? []).flatMap(({ Subnet: text }) => parseSubnet(text ?? '') ?? []),
  }));
};

const createNetwork = async (
  engine: Engine,
  { name, labels }: NetworkRequest,
  subnet: Subnet,
  signal: AbortSignal,
): Promise<string> => {
  const { id } = await change(
    `create network ${name} (${formatSubnet(subnet)})`,
    () =>
      engine.docker.createNetwork({
        Name: name,
        // Engines before API 1.44 make two networks of one name otherwise.
        CheckDuplicate: true,
        Driver: 'bridge',
        IPAM: { Driver: 'default', Config: [{ Subnet: formatSubnet(subnet) }] },
        Labels: { ...labels },
      }),
    signal,
  );
  return id;
};

/** The engine's answers when it finds the subnet taken, over its versions: 403, 400 or 500, with these words. */
const isOverlap = (error: unknown): boolean =>
  error instanceof EngineError && /overlap|conflicts with network/i.test(error.message);

/** A container that was just removed may hold its endpoint for a while (moby #42119). */
const LEAVING_WAITS_MS = [0, 100, 300, 1_000, 3_000];

/** Removes the networks with these labels; gone already is fine. */
export const removeNetworks = async (engine: Engine, labels: Labels): Promise<void> => {
  for (const { id } of await listNetworks(engine, undefined, labels)) await removeNetwork(engine, id);
};

/** Removes a network, and throws out whoever is still in it; gone already is fine. */
export const removeNetwork = async (engine: Engine, id: string): Promise<void> => {
  const network = engine.docker.getNetwork(id);
  for (const [attempt, waitMs] of LEAVING_WAITS_MS.entries()) {
    await delay(waitMs);
    try {
      await change('remove network', () => network.remove());
      return;
    } catch (error) {
      if (hasStatus(error, 404)) return;
      const isLast = attempt === LEAVING_WAITS_MS.length - 1;
      if (isLast || !/active endpoints/.test(messageOf(error))) throw error;
      await disconnectAll(engine, id);
    }
  }
};

const disconnectAll = async (engine: Engine, id: string): Promise<void> => {
  const network = engine.docker.getNetwork(id);
  try {
    const { Containers = {} } = await ask('inspect network', () => network.inspect());
    for (const container of Object.keys(Containers))
      await change('disconnect container', () => network.disconnect({ Container: container, Force: true }));
  } catch (error) {
    // The endpoint went by itself, or is one that no container has any more: the next attempt will tell.
    if (!(error instanceof EngineError)) throw error;
  }
};
