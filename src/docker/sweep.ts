/** Finds and removes what a crash left on an engine: this server's objects that belong to no live task. Called by `server/`. */
import type { TaskFullName } from '../domain/names.ts';
import { type JobId, taskFullName } from '../domain/names.ts';
import { ask, change } from './calls.ts';
import { removeContainer } from './containers.ts';
import type { Engine } from './engine.ts';
import { hasStatus } from './errors.ts';
import { listKeptImages, removeKeptImage } from './kept.ts';
import { LABEL, type Labels, labelFilter } from './names.ts';
import { removeNetwork } from './network.ts';

/** An engine object of a task that is not live. */
export type Orphan = {
  readonly type: 'container' | 'image' | 'volume' | 'network';
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly task: TaskFullName;
  /** Milliseconds since the epoch, by the engine's clock. */
  readonly createdAt: number;
};

/** Which objects to take for orphans. */
export type OrphanQuery = {
  /** Only what this server made: another's on the same engine is not looked at. */
  readonly instance: string;
  /** Tasks that have not been cleaned up, or will be by somebody. */
  readonly live: ReadonlySet<TaskFullName>;
  /** Younger objects are left alone: their task may have become live after `live` was made. */
  readonly olderThanMs: number;
};

/** The orphans of an engine, in the order in which they can be removed: containers, images, volumes, networks. */
export const listOrphans = async (engine: Engine, { instance, live, olderThanMs }: OrphanQuery): Promise<readonly Orphan[]> => {
  const labels = { [LABEL.server]: instance };
  const objects = [
    ...(await containers(engine, labels)),
    ...(await images(engine, labels)),
    ...(await volumes(engine, labels)),
    ...(await networks(engine, labels)),
  ];
  const youngest = Date.now() - olderThanMs;
  return objects.filter(({ task, createdAt }) => !live.has(task) && createdAt <= youngest);
};

/** Removes an orphan; gone already is fine. */
export const removeOrphan = async (engine: Engine, { type, id }: Orphan): Promise<void> => {
  switch (type) {
    case 'container':
      return removeContainer(engine, id);
    case 'image':
      return removeKeptImage(engine, id);
    case 'network':
      return removeNetwork(engine, id);
    case 'volume':
      return removeVolume(engine, id);
  }
};

const removeVolume = async (engine: Engine, name: string): Promise<void> => {
  try {
    await change('remove volume', () => engine.docker.getVolume(name).remove());
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
  }
};

const containers = async (engine: Engine, labels: Labels): Promise<readonly Orphan[]> => {
  const list = await ask('list containers', () => engine.docker.listContainers({ all: true, filters: labelFilter(labels) }));
  return list.map(({ Id: id, Names: [name = id], Labels: found, Created }) => ({
    type: 'container',
    id,
    name: name.replace(/^\//, ''),
    task: taskOfLabels(found),
    createdAt: Created * 1_000,
  }));
};

const images = async (engine: Engine, labels: Labels): Promise<readonly Orphan[]> => {
  const list = await listKeptImages(engine, labels);
  return list.map(({ Id: id, Labels: found, Created }) => ({
    type: 'image',
    id,
    name: id,
    task: taskOfLabels(found ?? {}),
    createdAt: Created * 1_000,
  }));
};

const volumes = async (engine: Engine, labels: Labels): Promise<readonly Orphan[]> => {
  const { Volumes } = await ask('list volumes', () => engine.docker.listVolumes({ filters: labelFilter(labels) }));
  return (Volumes ?? []).map(({ Name: name, Labels: found, ...volume }) => ({
    type: 'volume',
    id: name,
    name,
    task: taskOfLabels(found),
    createdAt: Date.parse((volume as { readonly CreatedAt?: string }).CreatedAt ?? ''),
  }));
};

const networks = async (engine: Engine, labels: Labels): Promise<readonly Orphan[]> => {
  const list = await ask('list networks', () => engine.docker.listNetworks({ filters: labelFilter(labels) }));
  return list.map(({ Id: id, Name: name, Labels: found, Created }) => ({
    type: 'network',
    id,
    name,
    task: taskOfLabels(found ?? {}),
    createdAt: Date.parse(Created),
  }));
};

const taskOfLabels = (labels: Readonly<Record<string, string | undefined>>): TaskFullName =>
  taskFullName((labels[LABEL.job] ?? '') as JobId, labels[LABEL.task] ?? '');
