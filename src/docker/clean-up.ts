import { listContainers, removeContainer } from './containers.ts';
import { messageOf } from './errors.ts';
import { listKeptImages, removeKeptImage } from './kept.ts';
import { objectLabels } from './names.ts';
import { removeNetworks } from './network.ts';
import type { TaskScope } from './task-scope.ts';

/**
 * Removes what a task left on its node: containers and what was made of them, then workspace, then network. One that fails does not
 * keep the others from being tried; the first failure is thrown at the end, the others are logged.
 */
export const cleanUpTask = async (scope: TaskScope): Promise<void> => {
  const failures: unknown[] = [];
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (failures.length > 0) scope.log.warn({ err: error }, `${what} could not be removed either`);
      failures.push(new Error(`${what} of ${scope.fullName} could not be removed: ${messageOf(error)}`, { cause: error }));
    }
  };

  await attempt('containers', () => removeContainers(scope));
  // To list images takes an engine longer than anything else here; all others have none.
  if (scope.run.spec.keepFailedMs > 0) await attempt('images', () => removeImages(scope));
  await attempt('workspace', () => scope.workspace.remove(scope.fullName));
  await attempt('network', () => removeNetworks(scope.engine, objectLabels(scope.labels, { type: 'network' })));
  if (failures.length > 0) throw failures[0];
};

const removeImages = async ({ engine, labels }: TaskScope): Promise<void> => {
  for (const { Id: id } of await listKeptImages(engine, labels)) await removeKeptImage(engine, id);
};

const removeContainers = async ({ engine, labels }: TaskScope): Promise<void> => {
  const containers = await listContainers(engine, labels);
  const removals = await Promise.allSettled(containers.map(({ id }) => removeContainer(engine, id)));
  const failed = removals.find(removal => removal.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
};
