/** Finds and removes what a crash left behind: objects on the engine, workspaces, half-written artifacts of no live task. */
import type { Log } from '../base/log.ts';
import type { Engine as DockerEngine } from '../docker/engine.ts';
import { listOrphans, type Orphan, removeOrphans } from '../docker/sweep.ts';
import type { JobId, TaskFullName } from '../domain/names.ts';
import type { Workspace } from '../engine/ports.ts';
import type { ArtifactFiles } from '../store/artifacts.ts';

export type SweepOptions = {
  readonly docker: DockerEngine;
  /** Of this server: the engine's objects of others are not looked at. */
  readonly instance: string;
  readonly workspace: Workspace;
  readonly artifacts: ArtifactFiles;
  /** Whether this server ever had a job of this name: a workspace of another server's job is not looked at. */
  readonly isKnown: (jobId: JobId) => boolean;
  readonly liveTasks: () => ReadonlySet<TaskFullName>;
  /** Younger objects and artifacts are left alone. */
  readonly graceMs: number;
};

/** What belongs to no live task. */
export type Leftovers = { readonly objects: readonly Orphan[]; readonly workspaces: readonly TaskFullName[] };

export const findLeftovers = async (options: SweepOptions): Promise<Leftovers> => {
  const { docker, instance, workspace, liveTasks, graceMs } = options;
  const folders = await workspace.list();
  // After the folders were listed: a task that began since then has none in the list, and needs no grace.
  const live = liveTasks();
  return {
    objects: await listOrphans(docker, { instance, live, olderThanMs: graceMs }),
    workspaces: folders.filter(task => !live.has(task) && isOurs(task, options.isKnown)),
  };
};

/** Removes what belongs to no live task, and says so in the log; what can't be removed is found again the next time. */
export const sweep = async (options: SweepOptions, log: Log): Promise<void> => {
  const { docker, workspace, artifacts, graceMs } = options;
  const { objects, workspaces } = await findLeftovers(options);
  const failed = await removeOrphans(docker, objects);
  for (const { orphan, error } of failed) log.warn({ err: error, ...orphan }, 'a leftover could not be removed');
  const kept = new Set(failed.map(({ orphan }) => orphan));
  for (const orphan of objects) if (!kept.has(orphan)) log.info(orphan, 'removed a leftover');
  for (const task of workspaces) {
    await workspace.remove(task);
    log.info({ type: 'workspace', task }, 'removed a leftover');
  }
  for (const path of await artifacts.removeHalfWritten(Date.now(), graceMs))
    log.info({ type: 'artifact', path }, 'removed a leftover');
};

/** A full name does not say where the job's part ends. */
const isOurs = (task: TaskFullName, isKnown: SweepOptions['isKnown']): boolean =>
  Array.from(task.matchAll(/-/g)).some(({ index }) => isKnown(task.slice(0, index) as JobId));
