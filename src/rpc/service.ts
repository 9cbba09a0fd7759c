import type { Observable } from 'rxjs';
import type { ExecRequest, RunningCommand } from '../domain/exec.ts';
import type { RerunRequest, Submission } from '../domain/job.ts';
import type { JobId } from '../domain/names.ts';
import type { Result } from '../domain/refusal.ts';
import type { JobStatus, ServerInfo, Status } from '../domain/status.ts';
import type { LogPiece, TaskLogQuery } from '../domain/task-log.ts';

/** What the server does, in the domain's words: the RPC server translates, `server/` implements. */
export type AlfredService = {
  readonly build: { readonly version: string; readonly commit: string };
  readonly info: ServerInfo;
  scheduleJob(submission: Submission): Promise<Result<JobId>>;
  /** A new job of what an old one was submitted with; nothing is scheduled when an image of it is gone. */
  rerunJob(jobId: JobId, request: RerunRequest, signal: AbortSignal): Promise<Result<JobId>>;
  /** Answers when the job's tasks are cancelled; those that run are gone when the promise resolves. `sparesKept`: what is kept stays. */
  cancelJob(jobId: JobId, options?: { readonly sparesKept: boolean }): Promise<Result<void>>;
  cancelTask(jobId: JobId, taskName: string): Promise<Result<void>>;
  /** The state at once, then whenever it changed; completes after the state with `completedAt`. */
  watchJob(jobId: JobId): Result<Observable<JobStatus>>;
  /** The jobs at once, then whenever one is scheduled or completed. Completes when the server stops. */
  watchJobs(): Observable<readonly JobStatus[]>;
  /** The last finished ones, oldest end first, without their jobfiles. */
  listJobs(query: JobsQuery): Result<readonly JobStatus[]>;
  /** The state at once, then whenever it changed. Completes when the server stops. */
  watchStatus(): Observable<Status>;
  hasImage(imageId: string, signal: AbortSignal): Promise<Result<boolean>>;
  /** `archive`: zstd-compressed `docker save` stream. */
  loadImage(imageId: string, archive: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Result<void>>;
  /** A `.tar.zst`; for a running task a snapshot. */
  openArtifact(jobId: JobId, taskName: string, signal: AbortSignal): Promise<Result<AsyncIterable<Uint8Array>>>;
  /** Runs a command of a person in a task's container; aborting `signal` hangs up. */
  exec(request: ExecRequest, signal: AbortSignal): Promise<Result<RunningCommand>>;
  /** With `follow`, until the task ends or the server stops. */
  readLogs(jobId: JobId, taskName: string, query: TaskLogQuery, signal: AbortSignal): Promise<Result<AsyncIterable<LogPiece>>>;
};

/** Finished jobs of all times, a page of them. */
export type JobsQuery = {
  readonly limit: number;
  /** Only jobs that ended before this one. */
  readonly before?: JobId;
  /** Only jobs with this in their full name; empty: all. */
  readonly namePart: string;
};
