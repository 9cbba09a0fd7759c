/** What the server answers: the engine, the files and the images put together, in the words that `rpc/` translates. */
import { filter, firstValueFrom, fromEvent, map, of, takeUntil } from 'rxjs';
import { buildInfo } from '../base/build-info.ts';
import { decompress } from '../base/zstd.ts';
import type { Submission } from '../domain/job.ts';
import { type JobId, type NodeId, taskFullName } from '../domain/names.ts';
import { ok, type Refusal, type Result, refuse } from '../domain/refusal.ts';
import type { JobStatus, ServerInfo, TaskStatus } from '../domain/status.ts';
import { type LogPiece, standingAt, type TaskLogQuery } from '../domain/task-log.ts';
import type { Engine } from '../engine/engine.ts';
import type { ArtifactStore, ImageStore, TaskShell, Workspace } from '../engine/ports.ts';
import type { Views } from '../engine/views.ts';
import type { AlfredService } from '../rpc/service.ts';
import type { History } from '../store/history.ts';
import { tailArchive } from '../workspace/tail-archive.ts';
import { freshJobId } from './job-names.ts';
import { resubmission } from './rerun.ts';

export const createService = ({
  info,
  engine,
  views,
  history,
  images,
  artifacts,
  shell,
  workspaceOf,
}: {
  readonly info: ServerInfo;
  readonly engine: Engine;
  readonly views: Views;
  readonly history: History;
  readonly images: ImageStore;
  readonly artifacts: ArtifactStore;
  readonly shell: TaskShell;
  readonly workspaceOf: (nodeId: NodeId) => Promise<Workspace>;
}): AlfredService => {
  const names = createNames(views, history);

  const scheduleJob = async (submission: Submission): Promise<Result<JobId>> => {
    const jobId = names.reserve(submission);
    try {
      const refusal = await engine.submit(jobId, submission);
      return refusal === null ? ok(jobId) : { ok: false, refusal };
    } finally {
      names.release(jobId);
    }
  };

  const findJob = (jobId: JobId): JobStatus | null => views.job(jobId) ?? history.job(jobId);

  const findTask = (jobId: JobId, taskName: string): Result<{ readonly task: TaskStatus; readonly index: number }> => {
    const job = findJob(jobId);
    if (job === null) return unknownJob(jobId);
    const index = job.tasks.findIndex(({ name }) => name === taskName);
    const task = job.tasks.get(index);
    return index < 0 || task === undefined
      ? refuse('unknownTask', `job ${jobId} has no task ${JSON.stringify(taskName)}: "alfred show ${jobId}" lists its tasks`)
      : ok({ task, index });
  };

  const rerunJob: AlfredService['rerunJob'] = async (jobId, request, signal) => {
    const job = findJob(jobId);
    const old = history.submission(jobId);
    if (job === null || old === null) return unknownJob(jobId);
    const submission = resubmission(old, job, request);
    if (!submission.ok) return submission;
    for (const image of new Set(submission.value.spec.steps)) {
      const has = await hasImage(image, signal);
      if (!has.ok) return has;
      if (!has.value)
        return refuse('imageGone', `${image} is no longer on the server's engine: run the jobfile of ${jobId} again`);
    }
    return scheduleJob(submission.value);
  };

  const watchJob: AlfredService['watchJob'] = jobId => {
    if (views.job(jobId) !== undefined) return ok(views.job$(jobId));
    const past = history.job(jobId);
    return past === null ? unknownJob(jobId) : ok(of(past));
  };

  const listJobs: AlfredService['listJobs'] = query => {
    if (query.before !== undefined && !history.isKnown(query.before)) return unknownJob(query.before);
    // Who lists many jobs has no use for a megabyte of each.
    return ok(history.finishedJobs(query).map(job => ({ ...job, jobfile: '' })));
  };

  /** A cancel is answered when what it cancelled is gone, not when it was heard. */
  const cancelled = async (refusal: Refusal | null, jobId: JobId, isOver: (job: JobStatus) => boolean): Promise<Result<void>> => {
    // To the scheduler a finished job is unknown, and what has ended is as good as cancelled.
    if (refusal !== null && (refusal.type !== 'unknownJob' || findJob(jobId) === null)) return { ok: false, refusal };
    if (views.job(jobId) === undefined) return ok(undefined);
    const over = await firstValueFrom(views.job$(jobId).pipe(filter(isOver)), { defaultValue: null });
    return over === null ? STOPPED_MEANWHILE : ok(undefined);
  };

  const cancelJob: AlfredService['cancelJob'] = async (jobId, options) =>
    cancelled(await engine.cancelJob(jobId, options), jobId, job =>
      options?.sparesKept ? job.tasks.every(isOver) : job.completedAt !== null,
    );

  const cancelTask = async (jobId: JobId, taskName: string): Promise<Result<void>> => {
    const found = findTask(jobId, taskName);
    if (!found.ok) return found;
    const { index } = found.value;
    return cancelled(await engine.cancelTask(jobId, index), jobId, job => isGone(job.tasks.get(index)));
  };

  const hasImage = (imageId: string, signal: AbortSignal): Promise<Result<boolean>> => askEngine(images.has(imageId, signal));

  const loadImage: AlfredService['loadImage'] = async (imageId, archive, signal) => {
    try {
      await images.load(decompress(archive), signal);
    } catch (error) {
      return refuse('invalid', `image ${imageId} could not be loaded: ${(error as Error).message}`);
    }
    const loaded = await hasImage(imageId, signal);
    if (!loaded.ok || loaded.value) return loaded.ok ? ok(undefined) : loaded;
    return refuse('invalid', `the archive that came for image ${imageId} holds another image`);
  };

  /** The files of a task that holds a node's slots. */
  const workspaceFor = async (jobId: JobId, taskName: string): Promise<Workspace | null> => {
    const nodeId = views.nodeOf(jobId, taskName);
    return nodeId === undefined ? null : await workspaceOf(nodeId);
  };

  const openArtifact: AlfredService['openArtifact'] = async (jobId, taskName, signal) => {
    const found = findTask(jobId, taskName);
    if (!found.ok) return found;
    const stored = await artifacts.open(jobId, taskName);
    if (stored !== null) return ok(stored);
    const workspace = found.value.task.state === 'running' ? await workspaceFor(jobId, taskName) : null;
    if (workspace !== null) return ok(workspace.pack(taskFullName(jobId, taskName), signal));
    return refuse('nothingToSend', `task ${taskName} of job ${jobId} has no artifact${hasNoneBecause(found.value.task)}`);
  };

  const exec: AlfredService['exec'] = async (request, signal) => {
    const { jobId, taskName } = request;
    const found = findTask(jobId, taskName);
    if (!found.ok) return found;
    const nodeId = views.nodeOf(jobId, taskName);
    const { state, keptUntil } = found.value.task;
    if (nodeId === undefined || (state !== 'running' && keptUntil === null)) return notRunning(jobId, found.value.task);
    const open = keptUntil === null ? shell.open : shell.openKept;
    const opened = await askEngine(open(nodeId, request, signal));
    if (opened.ok && opened.value.ok) return opened.value;
    // Its containers may have gone under the hands of whoever looked for one: then that is what there is to say.
    const now = findTask(jobId, taskName);
    if (now.ok && isGone(now.value.task)) return notRunning(jobId, now.value.task);
    return opened.ok ? opened.value : opened;
  };

  const readLogs: AlfredService['readLogs'] = async (jobId, taskName, query, signal) => {
    const found = findTask(jobId, taskName);
    if (!found.ok) return found;
    return ok(logs(jobId, taskName, found.value.index, query, signal));
  };

  /** Follows a task from its queue to its end; or reads what there is now. */
  async function* logs(
    jobId: JobId,
    taskName: string,
    index: number,
    { tailLines, follow, seen = [] }: TaskLogQuery,
    signal: AbortSignal,
  ): AsyncIterable<LogPiece> {
    const state$ = views.job$(jobId).pipe(map(job => job.tasks.get(index)));
    const isQueued = findJob(jobId)?.tasks.get(index)?.state === 'queued';
    if (follow && (isQueued || seen.length > 0)) yield standingAt(seen);
    const started$ = state$.pipe(
      filter(task => task?.state !== 'queued'),
      takeUntil(signal.aborted ? of(null) : fromEvent(signal, 'abort')),
    );
    if (follow) await firstValueFrom(started$, { defaultValue: undefined });
    const workspace = await workspaceFor(jobId, taskName);
    let isEmpty = true;
    if (workspace !== null) {
      const ended = new AbortController();
      const end = () => ended.abort();
      // The states also end when the server stops: the client then hears that this is not the task's end.
      const watching = state$.pipe(filter(isOver)).subscribe({ next: end, complete: end });
      const query = { tailLines, follow: follow ? { ended: ended.signal } : null, seen };
      try {
        for await (const piece of workspace.readLogs(taskFullName(jobId, taskName), query, signal)) {
          isEmpty &&= piece.data.length === 0;
          yield piece;
        }
      } finally {
        watching.unsubscribe();
      }
    }
    // Also when the task was cleaned up between the look and the reading.
    if (isEmpty) yield* tailArchive(() => artifacts.open(jobId, taskName), { tailLines, seen });
  }

  return {
    build: buildInfo,
    info,
    scheduleJob,
    rerunJob,
    cancelJob,
    cancelTask,
    watchJob,
    watchJobs: () => views.jobs$,
    listJobs,
    watchStatus: () => views.status$,
    hasImage,
    loadImage,
    openArtifact,
    exec,
    readLogs,
  };
};

const isOver = (task: TaskStatus | undefined): boolean => task !== undefined && task.endedAt !== null;

/** It holds no slots any more. */
const isGone = (task: TaskStatus | undefined): boolean => isOver(task) && task?.keptUntil === null;

/** The cancel is in the journal. */
const STOPPED_MEANWHILE = refuse('shuttingDown', 'the server stops; what it was told to cancel ends with its next start');

const unknownJob = (jobId: JobId): Result<never> =>
  refuse('unknownJob', `there is no job ${JSON.stringify(jobId)}: "alfred ps" lists the jobs`);

const hasNoneBecause = (task: TaskStatus): string => {
  if (task.state === 'queued') return ' yet: it waits for a node';
  return task.startedAt === null ? ': it never ran' : '; it may be older than the server keeps artifacts';
};

const notRunning = (jobId: JobId, task: TaskStatus): Result<never> =>
  refuse('notRunning', `task ${task.name} of job ${jobId} ${hasNoContainerBecause(task)}`);

const hasNoContainerBecause = ({ state }: TaskStatus): string =>
  state === 'queued'
    ? 'has no container yet: it waits for its turn'
    : 'has ended, and its containers are gone: run it again with --keep-failed to look into one that fails';

const askEngine = async <T>(answer: Promise<T>): Promise<Result<T>> => {
  try {
    return ok(await answer);
  } catch (error) {
    return refuse('engineUnavailable', `the server's Docker engine does not answer: ${(error as Error).message}`);
  }
};

/** Full names for new jobs: unique over the server's history, and so that no two tasks share a full name. */
const createNames = (views: Views, history: History) => {
  const reserved = new Set<JobId>();

  const isTaken = (submission: Submission) => (candidate: JobId) =>
    reserved.has(candidate) || views.job(candidate) !== undefined || history.isKnown(candidate) || clashes(candidate, submission);

  // `x-red-fox` + `blue-owl-1` and `x-red-fox-blue-owl` + `1` would be one workspace. Only a job whose name begins with the
  // other's can clash, and there is hardly ever one.
  const clashes = (candidate: JobId, { spec }: Submission): boolean => {
    const ours = new Set(spec.tasks.map(({ name }) => `${candidate}-${name}`));
    return views
      .jobs()
      .filter(({ name }) => name.startsWith(`${candidate}-`) || candidate.startsWith(`${name}-`))
      .some(job => job.tasks.some(({ name }) => ours.has(`${job.name}-${name}`)));
  };

  return {
    reserve: (submission: Submission): JobId => {
      const jobId = freshJobId(submission.spec.name, isTaken(submission));
      reserved.add(jobId);
      return jobId;
    },
    release: (jobId: JobId): void => {
      reserved.delete(jobId);
    },
  };
};
