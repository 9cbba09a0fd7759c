/** Finds and removes what a crash left behind: objects on the engine, workspaces, half-written artifacts of no live task. */
import type { Log } from '../base/log.ts';
import type { Engine as DockerEngine } from '../docker/engine.ts';
import { listOrphans, type Orphan, removeOrphans } from '../docker/sweep.ts';
import type { TaskFullName } from '../domain/names.ts';
import type { Workspace } from '../engine/ports.ts';
import type { ArtifactFiles } from '../store/artifacts.ts';

/** Younger things are left alone: their task may have begun after the list of live ones was made. */
const GRACE_MS = 60_000;

export type SweepOptions = {
  readonly docker: DockerEngine;
  readonly instance: string;
  readonly workspace: Workspace;
  readonly artifacts: ArtifactFiles;
  readonly liveTasks: () => ReadonlySet<TaskFullName>;
};

/** What belongs to no live task. */
export type Leftovers = { readonly objects: readonly Orphan[]; readonly workspaces: readonly TaskFullName[] };

export const findLeftovers = async ({ docker, instance, workspace, liveTasks }: SweepOptions): Promise<Leftovers> => {
  const folders = await workspace.list();
  // After the folders were listed: a task that began since then has none in the list.
  const live = liveTasks();
  return {
    objects: await listOrphans(docker, { instance, live, olderThanMs: GRACE_MS }),
    workspaces: folders.filter(task => !live.has(task)),
  };
};

/** Removes what belongs to no live task, and says so in the log; what can't be removed is found again the next time. */
export const sweep = async (options: SweepOptions, log: Log): Promise<void> => {
  const { objects, workspaces } = await findLeftovers(options);
  const failed = await removeOrphans(options.docker, objects);
  for (const { orphan, error } of failed) log.warn({ err: error, ...orphan }, 'a leftover could not be removed');
  const kept = new Set(failed.map(({ orphan }) => orphan));
  for (const orphan of objects) if (!kept.has(orphan)) log.info(orphan, 'removed a leftover');
  for (const task of workspaces) {
    await options.workspace.remove(task);
    log.info({ task, type: 'workspace' }, 'removed a leftover');
  }
  for (const path of await options.artifacts.removeHalfWritten(Date.now(), GRACE_MS))
    log.info({ path, type: 'artifact' }, 'removed a leftover');
};
