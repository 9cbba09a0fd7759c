/** What a client of the server can ask for, in the domain's words: the commands know this type, `client.ts` speaks gRPC. */
import type { Readable } from 'node:stream';
import type { Observable } from 'rxjs';
import type { ExecOutput, ExecRequest, TerminalSize } from '../domain/exec.ts';
import type { RerunRequest, Submission } from '../domain/job.ts';
import type { JobId } from '../domain/names.ts';
import type { JobStatus, ServerInfo, Status } from '../domain/status.ts';
import type { LogPiece, TaskLogQuery } from '../domain/task-log.ts';

/**
 * Every promise, iterable and observable fails with {@link ServerUnreachableError} or {@link ServerRefusedError}; beside these
 * only with what the caller brought along: the reason of a signal that aborted, the error of an archive that could not be read.
 * Unsubscribing, returning from the iterable or aborting the signal ends the call.
 */
export type AlfredClient = {
  ping(signal?: AbortSignal): Promise<{ readonly version: string; readonly commit: string }>;
  /** Sends the image unless the server has it. `archive`, a zstd-compressed `docker save` stream, is only opened when it is needed. */
  uploadImage(imageId: string, archive: () => AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<'present' | 'loaded'>;
  scheduleJob(submission: Submission, signal?: AbortSignal): Promise<JobId>;
  /** Schedules what a job was submitted with once more; the images must still be with the server. */
  rerunJob(jobId: string, request: RerunRequest, signal?: AbortSignal): Promise<JobId>;
  /** Ends after the state with `completedAt`. One connection: whoever wants to survive its loss subscribes again. */
  watchJob(jobId: string): Observable<JobStatus>;
  watchJobs(): Observable<readonly JobStatus[]>;
  /**
   * Finished jobs of all times, without their jobfiles: the last ones, oldest end first; with `before`, a full name, the ones
   * that ended before it; with `namePart`, those that have it in their full name. Empty: there are no more. Servers of before
   * this call refuse as `unimplemented`.
   */
  listJobs(
    query: { readonly limit: number; readonly before?: string; readonly namePart?: string },
    signal?: AbortSignal,
  ): Promise<readonly JobStatus[]>;
  watchStatus(): Observable<Status & { readonly server: ServerInfo }>;
  cancelJob(jobId: string, signal?: AbortSignal): Promise<void>;
  /** Cancels what is queued or running; tasks that failed and are kept stay so. */
  cancelRest(jobId: string, signal?: AbortSignal): Promise<void>;
  cancelTask(jobId: string, taskName: string, signal?: AbortSignal): Promise<void>;
  downloadArtifact(jobId: string, taskName: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /**
   * Text in the format of `tail -v`; with `follow`, to the end of the task. One connection: whoever wants to survive its loss asks
   * again with what was `seen`, which servers of before this possibility ignore: their pieces have no position.
   */
  readLogs(jobId: string, taskName: string, query: TaskLogQuery, signal: AbortSignal): AsyncIterable<LogPiece>;
  /**
   * Runs a command in a task's container; resolves with its exit code. Refused as `invalid` when no step runs, or when it ends
   * and takes the command with it. Aborting hangs up.
   */
  exec(request: ExecClientRequest, ends: CommandEnds, signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
};

/** What to run, with the job's name as the caller has it. */
export type ExecClientRequest = Omit<ExecRequest, 'jobId'> & { readonly jobId: string };

/** The caller's end of a command's input and output. */
export type CommandEnds = {
  /** The command runs; from now on `input` is read. */
  onStarted(): void;
  /** Left paused when the command has ended. */
  readonly input: Readable;
  /** Sizes that the terminal takes on while the command runs. */
  readonly size$: Observable<TerminalSize>;
  /** The command waits until it resolves. */
  write(output: ExecOutput): Promise<void>;
};

/** The server can't be reached, or the connection broke: the same call may work later. */
export class ServerUnreachableError extends Error {
  override readonly name = 'ServerUnreachableError';
}

/** The server answered, with a no: asking again won't help. `message` is the server's own. */
export class ServerRefusedError extends Error {
  override readonly name = 'ServerRefusedError';
  readonly reason: 'invalid' | 'notFound' | 'exhausted' | 'unauthenticated' | 'unimplemented' | 'internal';

  constructor(message: string, reason: ServerRefusedError['reason'], options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
