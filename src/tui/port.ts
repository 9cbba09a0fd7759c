/** What the dashboard asks of a server, in the domain's words. Whoever opens the dashboard brings it along. */
import type { Observable } from 'rxjs';
import type { ServerInfo, Status } from '../domain/status.ts';
import type { LogPiece, TaskLogQuery } from '../domain/task-log.ts';

export type ServerStatus = Status & { readonly server: ServerInfo };

/** Calls fail while the connection is broken, and may be made again: the next one that comes through works. */
export type DashboardClient = {
  ping(): Promise<{ readonly version: string; readonly commit: string }>;
  /** The state at once, then whenever it changed. */
  watchStatus(): Observable<ServerStatus>;
  /** A task's log as pieces of text; with `follow`, it ends when the task does. */
  readLogs(jobId: string, taskName: string, query: TaskLogQuery, signal: AbortSignal): AsyncIterable<LogPiece>;
  cancelJob(jobId: string): Promise<void>;
  cancelTask(jobId: string, taskName: string): Promise<void>;
};
