/** An {@link AlfredService} that keeps everything in memory, for specs of the wire: what it is asked can be read, what it answers set. */
import { BehaviorSubject, type Observable, type Subject } from 'rxjs';
import type { RerunRequest, Submission } from '../../src/domain/job.ts';
import type { JobId } from '../../src/domain/names.ts';
import { ok, type Result, refuse } from '../../src/domain/refusal.ts';
import type { JobStatus, ServerInfo, Status } from '../../src/domain/status.ts';
import type { LogPiece, TaskLogQuery } from '../../src/domain/task-log.ts';
import type { AlfredService } from '../../src/rpc/service.ts';

export type MemoryService = AlfredService & {
  readonly submissions: Submission[];
  readonly reruns: RerunRequest[];
  readonly cancelled: string[];
  readonly images: Map<string, Buffer>;
  readonly jobs: Map<string, Observable<JobStatus>>;
  readonly list$: Subject<readonly JobStatus[]>;
  readonly status$: Subject<Status>;
  readonly files: Map<string, () => AsyncIterable<Uint8Array>>;
  readonly logQueries: TaskLogQuery[];
};

const SERVER_INFO: ServerInfo = {
  startedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  provisioner: 'local',
  maxNodes: 4,
  slotsPerNode: 2,
  logLevel: 'INFO',
  provisioningDelayMs: 20_000,
  openstackFlavor: '',
  taskStartupDelayMs: 1_500,
  taskTimeoutMs: 18_000_000,
};

export const memoryService = (changes: Partial<MemoryService> = {}): MemoryService => {
  const images = new Map<string, Buffer>();
  const jobs = new Map<string, Observable<JobStatus>>();
  const files = new Map<string, () => AsyncIterable<Uint8Array>>();
  const list$ = new BehaviorSubject<readonly JobStatus[]>([]);
  const status$ = new BehaviorSubject<Status>({ jobs: [], nodes: [] });
  const submissions: Submission[] = [];
  const reruns: RerunRequest[] = [];
  const cancelled: string[] = [];
  const logQueries: TaskLogQuery[] = [];
  const unknownJob = (jobId: JobId) => refuse('unknownJob', `no job ${jobId}; \`alfred ps --all\` lists them`);
  const open = (jobId: JobId, taskName: string): Result<AsyncIterable<Uint8Array>> => {
    const file = files.get(`${jobId}/${taskName}`);
    return file === undefined ? refuse('nothingToSend', `${taskName} of ${jobId} left nothing`) : ok(file());
  };
  return {
    build: { version: '1.2.3', commit: 'abcdef0' },
    info: SERVER_INFO,
    submissions,
    reruns,
    cancelled,
    images,
    jobs,
    files,
    list$,
    status$,
    logQueries,
    scheduleJob: async submission => {
      submissions.push(submission);
      return ok(`${submission.spec.name}-red-fox` as JobId);
    },
    rerunJob: async (jobId, request) => {
      if (!jobs.has(jobId)) return unknownJob(jobId);
      reruns.push(request);
      return ok(`${jobId}-again` as JobId);
    },
    cancelJob: async jobId => {
      if (!jobs.has(jobId)) return unknownJob(jobId);
      cancelled.push(jobId);
      return ok(undefined);
    },
    cancelTask: async (jobId, taskName) => {
      if (!jobs.has(jobId)) return unknownJob(jobId);
      cancelled.push(`${jobId}/${taskName}`);
      return ok(undefined);
    },
    watchJob: jobId => {
      const job$ = jobs.get(jobId);
      return job$ === undefined ? unknownJob(jobId) : ok(job$);
    },
    watchJobs: () => list$,
    listJobs: () => ok([]),
    watchStatus: () => status$,
    hasImage: async imageId => ok(images.has(imageId)),
    loadImage: async (imageId, archive) => {
      try {
        images.set(imageId, Buffer.concat(await Array.fromAsync(archive)));
        return ok(undefined);
      } catch {
        return refuse('invalid', 'no image');
      }
    },
    exec: async () => refuse('notRunning', 'nothing runs here'),
    openArtifact: async (jobId, taskName) => open(jobId, taskName),
    readLogs: async (jobId, taskName, query) => {
      logQueries.push(query);
      const file = open(jobId, taskName);
      return file.ok ? ok(asLog(`${taskName}-step-1.log`, file.value)) : file;
    },
    ...changes,
  };
};

/** A file as the only log of a task. */
async function* asLog(file: string, content: AsyncIterable<Uint8Array>): AsyncGenerator<LogPiece> {
  let offset = 0;
  for await (const data of content) {
    offset += data.length;
    yield { data, position: { file, offset } };
  }
}
