/** Finds and removes what a crash left behind: objects on the engine, workspaces, half-written artifacts of no live task. */
import type { Log } from '../base/log.ts';
import type { Engine as DockerEngine } from '../docker/engine.ts';
import { listOrphans, type Orphan, removeOrphan } from '../docker/sweep.ts';
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

/** For {@link SweepOptions.graceMs} beside a running server: a task may have begun after the list of live ones was made. */
export const SWEEP_GRACE_MS = 60_000;

/** What belongs to no live task: an object on the engine, a task's folder, a half-written artifact by its path in their folder. */
export type Leftover =
  | Orphan
  | { readonly type: 'workspace'; readonly task: TaskFullName }
  | { readonly type: 'artifact'; readonly path: string };

/** In the order in which they can be removed. */
export const findLeftovers = async (options: SweepOptions): Promise<readonly Leftover[]> => {
  const { docker, instance, workspace, artifacts, isKnown, liveTasks, graceMs } = options;
  const folders = await workspace.list();
  // After the folders were listed: a task that began since then has none in the list, and needs no grace.
  const live = liveTasks();
  const objects = await listOrphans(docker, { instance, live, olderThanMs: graceMs });
  const ownerless = folders.filter(task => !live.has(task) && isOurs(task, isKnown));
  const halfWritten = await artifacts.listHalfWritten(Date.now(), graceMs);
  return [
    ...objects,
    ...ownerless.map(task => ({ type: 'workspace', task }) as const),
    ...halfWritten.map(path => ({ type: 'artifact', path }) as const),
  ];
};

/** Removes them one after the other, and says of each what came of it: `error` is `null` for what is gone. */
export async function* removeLeftovers(
  options: SweepOptions,
  leftovers: readonly Leftover[],
): AsyncGenerator<{ readonly leftover: Leftover; readonly error: unknown }> {
  for (const leftover of leftovers) {
    const error = await remove(options, leftover).then(
      () => null,
      (error: unknown) => error,
    );
    yield { leftover, error };
  }
}

const remove = async ({ docker, workspace, artifacts }: SweepOptions, leftover: Leftover): Promise<void> => {
  switch (leftover.type) {
    case 'workspace':
      return workspace.remove(leftover.task);
    case 'artifact':
      return artifacts.removeHalfWritten(leftover.path);
    default:
      return removeOrphan(docker, leftover);
  }
};

/** Removes what belongs to no live task, and says so in the log; what can't be removed is found again the next time. */
export const sweep = async (options: SweepOptions, log: Log): Promise<void> => {
  for await (const { leftover, error } of removeLeftovers(options, await findLeftovers(options))) {
    if (error === null) log.info(leftover, 'removed a leftover');
    else log.warn({ err: error, ...leftover }, 'a leftover could not be removed');
  }
};

/** A full name does not say where the job's part ends. */
const isOurs = (task: TaskFullName, isKnown: SweepOptions['isKnown']): boolean =>
  Array.from(task.matchAll(/-/g)).some(({ index }) => isKnown(task.slice(0, index) as JobId));
