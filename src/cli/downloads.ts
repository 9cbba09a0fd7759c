/** Artifacts on their way to a folder: each whole under its name or not there at all. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import {
  catchError,
  defer,
  lastValueFrom,
  map,
  mergeMap,
  type Observable,
  of,
  retry,
  type SchedulerLike,
  Subject,
  takeUntil,
  throwError,
  throwIfEmpty,
  timer,
  toArray,
} from 'rxjs';
import { pathInside } from '../base/path-inside.ts';
import type { JobStatus } from '../domain/status.ts';
import { type AlfredClient, ServerRefusedError, ServerUnreachableError } from '../rpc/client-port.ts';
import { aborted } from './aborted.ts';
import { retryDelayMs } from './watch/follow.ts';
import { hasEnded } from './watch/groups.ts';

export type Download = {
  readonly client: AlfredClient;
  readonly jobId: string;
  readonly taskName: string;
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Hears of every chunk. */
  readonly onBytes?: (bytes: number) => void;
};

/** The file's path; `null` when the task has no artifact. Rejects with what the client or the file system says. */
export const downloadArtifact = async ({
  client,
  jobId,
  taskName,
  folder,
  signal,
  onBytes,
}: Download): Promise<string | null> => {
  const path = artifactPath(folder, taskName);
  const partial = `${path}.${process.pid}.part`;
  await mkdir(folder, { recursive: true });
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of client.downloadArtifact(jobId, taskName, signal)) {
      onBytes?.(chunk.length);
      yield chunk;
    }
  };
  try {
    // Made before anything can fail: a stream that opens its file by itself may do so after the failure, and after the clean-up.
    const file = await open(partial, 'w');
    await pipeline(chunks, file.createWriteStream(), { signal });
    await rename(partial, path);
    return path;
  } catch (error) {
    await rm(partial, { force: true });
    signal.throwIfAborted();
    if (error instanceof ServerRefusedError && error.reason === 'notFound') return null;
    throw error;
  }
};

/** Throws for a name that is no file's: it comes from a server. */
const artifactPath = (folder: string, taskName: string): string => pathInside(folder, `${taskName}.tar.zst`);

/** What became of one task's artifact. `path` is `null` when the task has none. */
export type Saved =
  | { readonly ok: true; readonly taskName: string; readonly path: string | null }
  | { readonly ok: false; readonly taskName: string; readonly error: unknown };

/** The artifacts of a job that is being watched, fetched as its tasks end. */
export type Downloads = {
  /** To be called with every state of the job. */
  take(job: JobStatus): void;
  /** Resolves when everything that was taken is saved or has failed; never rejects. */
  finish(): Promise<readonly Saved[]>;
};

const AT_ONCE = 4;
const MOST_ATTEMPTS = 5;

export const openDownloads = (common: Omit<Download, 'taskName'>, scheduler: SchedulerLike): Downloads => {
  const names$ = new Subject<string>();
  const asked = new Set<string>();
  const save = (taskName: string): Observable<Saved> =>
    defer(() => downloadArtifact({ ...common, taskName })).pipe(
      retry({
        count: MOST_ATTEMPTS,
        delay: (error, attempts) =>
          error instanceof ServerUnreachableError ? timer(retryDelayMs(attempts - 1), scheduler) : throwError(() => error),
      }),
      // Also while it waits to try again.
      takeUntil(aborted(common.signal)),
      throwIfEmpty(() => common.signal.reason),
      map((path): Saved => ({ ok: true, taskName, path })),
      catchError((error: unknown) => of<Saved>({ ok: false, taskName, error })),
    );
  const all = lastValueFrom(names$.pipe(mergeMap(save, AT_ONCE), toArray()));
  return {
    take: job => {
      for (const task of job.tasks) {
        if (!hasEnded(task) || asked.has(task.name)) continue;
        asked.add(task.name);
        names$.next(task.name);
      }
    },
    finish: () => {
      names$.complete();
      return all;
    },
  };
};
