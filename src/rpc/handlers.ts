/** One handler per RPC of the contract: takes the request in, asks the service, speaks the answer. */
import { type handleServerStreamingCall, type handleUnaryCall, status } from '@grpc/grpc-js';
import { firstValueFrom, takeUntil, takeWhile } from 'rxjs';
import type { Log } from '../base/log.ts';
import type { JobId } from '../domain/names.ts';
import { aborted, endWith, type ServerCall, signalOf } from './call.ts';
import { jobStatusBytes, jobsListBytes, statusBytes } from './codec/broadcast.ts';
import { packed } from './codec/chunk.ts';
import { encodeLog } from './codec/log-chunk.ts';
import { parseJobId, parseTask } from './codec/names.ts';
import { decodeRerun, decodeSubmission } from './codec/submission.ts';
import { type CallEnding, endingOf } from './codes.ts';
import { exec } from './exec.ts';
import {
  type AlfredServer,
  AlfredService as contract,
  type ListJobsRequest,
  type WatchJobRequest,
  type WatchJobsRequest,
  type WatchStatusRequest,
} from './generated/alfred.ts';
import { granted, RefusedError } from './granted.ts';
import { CHUNK_BYTES } from './limits.ts';
import { loadImage } from './load-image.ts';
import type { AlfredService } from './service.ts';
import { sendChunks, sendMessages, sendStates } from './stream.ts';

/** What the handlers work with. */
export type Scene = {
  readonly service: AlfredService;
  readonly log: Log;
  /** Aborts when the server stops: watchers are let go. */
  readonly stopping: AbortSignal;
};

const passBytes = (bytes: Buffer): Buffer => bytes;

/** The contract, but for lists and what many watch: those calls write bytes, which are encoded once for all. */
export const definition = {
  ...contract,
  watchJob: { ...contract.watchJob, responseSerialize: passBytes },
  watchJobs: { ...contract.watchJobs, responseSerialize: passBytes },
  watchStatus: { ...contract.watchStatus, responseSerialize: passBytes },
  listJobs: { ...contract.listJobs, responseSerialize: passBytes },
};

/** Faster than anyone reads, slow enough that a watcher of a job with thousands of tasks costs next to nothing. */
const JOB_INTERVAL_MS = 100;

/** The contract's: at most one message a second. */
const STATUS_INTERVAL_MS = 1_000;

/** The contract's, for `tail_lines` of 0 or less. */
const DEFAULT_TAIL_LINES = 100;

/** The contract's, for pages of jobs. */
const JOBS_PER_PAGE = { default: 100, most: 1_000 } as const;

/** A watch that ends before its time must not look like success: clients connect again. */
const stopped = () => new RefusedError({ type: 'shuttingDown', message: 'the server is shutting down' });

type Unary = 'ping' | 'scheduleJob' | 'rerunJob' | 'cancelJob' | 'cancelTask';
type Download = 'downloadArtifact' | 'streamTaskLogs';
type Handlers = Pick<AlfredServer, Unary | Download | 'loadImage' | 'exec'> & {
  readonly watchJob: handleServerStreamingCall<WatchJobRequest, Buffer>;
  readonly listJobs: handleUnaryCall<ListJobsRequest, Buffer>;
  readonly watchJobs: handleServerStreamingCall<WatchJobsRequest, Buffer>;
  readonly watchStatus: handleServerStreamingCall<WatchStatusRequest, Buffer>;
};

/** A handler for each RPC of {@link definition}. */
export const handlers = ({ service, log, stopping }: Scene): Handlers => {
  const encodeStatus = statusBytes(service.info);

  /** How a call ends whose handler failed. What is no refusal is a bug: the client hears that much, the log hears all. */
  const failure = (rpc: string, error: unknown): CallEnding => {
    if (error instanceof RefusedError) return endingOf(error.refusal);
    log.error({ err: error, rpc }, 'a call failed');
    return { code: status.INTERNAL, details: `the server failed at ${rpc}; its log says why` };
  };

  const unary =
    <Request, Response>(
      handle: (request: Request, signal: AbortSignal) => Promise<Response>,
    ): handleUnaryCall<Request, Response> =>
    (call, answer) => {
      handle(call.request, signalOf(call)).then(
        response => answer(null, response),
        error => answer(failure(call.getPath(), error)),
      );
    };

  /** A call that lasts. What fails once the client has gone interests nobody. */
  const lasting =
    <Call extends ServerCall & { getPath(): string }>(converse: (call: Call, signal: AbortSignal) => Promise<void>) =>
    (call: Call): void => {
      const signal = signalOf(call);
      converse(call, signal).catch(error => {
        if (!signal.aborted) endWith(call, failure(call.getPath(), error));
      });
    };

  const hasEnded = async (jobId: JobId, taskName: string): Promise<boolean> => {
    const job = await firstValueFrom(granted(service.watchJob(jobId)));
    return job.tasks.some(({ name, endedAt }) => name === taskName && endedAt !== null);
  };

  return {
    ping: unary(async () => service.build),

    scheduleJob: unary(async request => {
      const submission = granted(decodeSubmission(request));
      return { name: granted(await service.scheduleJob(submission)) };
    }),

    rerunJob: unary(async (request, signal) => {
      const jobId = granted(parseJobId(request.name));
      return { name: granted(await service.rerunJob(jobId, granted(decodeRerun(request)), signal)) };
    }),

    cancelJob: unary(async ({ name, spareKept = false }) => {
      granted(await service.cancelJob(granted(parseJobId(name)), { sparesKept: spareKept }));
      return {};
    }),

    cancelTask: unary(async request => {
      const { jobId, taskName } = granted(parseTask(request));
      granted(await service.cancelTask(jobId, taskName));
      return {};
    }),

    watchJob: lasting(async (call, signal) => {
      const job$ = granted(service.watchJob(granted(parseJobId(call.request.name))));
      const untilCompleted$ = job$.pipe(
        takeWhile(job => job.completedAt === null, true),
        takeUntil(aborted(stopping)),
      );
      const last = await sendStates(
        call,
        { states$: untilCompleted$, encode: jobStatusBytes, intervalMs: JOB_INTERVAL_MS },
        signal,
      );
      if (last === undefined || last.completedAt === null) throw stopped();
      call.end();
    }),

    watchJobs: lasting(async (call, signal) => {
      const jobs$ = service.watchJobs().pipe(takeUntil(aborted(stopping)));
      await sendStates(call, { states$: jobs$, encode: jobsListBytes, intervalMs: JOB_INTERVAL_MS }, signal);
      throw stopped();
    }),

    listJobs: unary(async ({ limit, before, namePart }) => {
      const query = { limit: Math.min(limit || JOBS_PER_PAGE.default, JOBS_PER_PAGE.most), namePart };
      const jobs = service.listJobs(before === undefined ? query : { ...query, before: granted(parseJobId(before)) });
      // Both messages are a list of jobs, in the same field.
      return jobsListBytes(granted(jobs));
    }),

    watchStatus: lasting(async (call, signal) => {
      const status$ = service.watchStatus().pipe(takeUntil(aborted(stopping)));
      await sendStates(call, { states$: status$, encode: encodeStatus, intervalMs: STATUS_INTERVAL_MS }, signal);
      throw stopped();
    }),

    exec: lasting(async (call, signal) => {
      await exec(service, call, AbortSignal.any([signal, stopping]));
      if (stopping.aborted) throw stopped();
    }),

    loadImage: lasting((call, signal) => loadImage(service, call, signal)),

    downloadArtifact: lasting(async (call, signal) => {
      const { jobId, taskName } = granted(parseTask(call.request));
      const artifact = granted(await service.openArtifact(jobId, taskName, signal));
      await sendChunks(call, packed(artifact, CHUNK_BYTES), signal);
    }),

    streamTaskLogs: lasting(async (call, signal) => {
      const { jobId, taskName } = granted(parseTask(call.request));
      const { tailLines, follow, seen } = call.request;
      const query = { tailLines: tailLines > 0 ? tailLines : DEFAULT_TAIL_LINES, follow, seen };
      const log = granted(await service.readLogs(jobId, taskName, query, signal));
      await sendMessages(call, encodeLog(log, CHUNK_BYTES), signal);
      if (signal.aborted) return;
      if (follow && stopping.aborted && !(await hasEnded(jobId, taskName))) throw stopped();
      call.end();
    }),
  };
};
