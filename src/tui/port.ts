/** What the dashboard asks of a server, in the domain's words. Whoever opens the dashboard brings it along. */
import type { Observable } from 'rxjs';
import type { ServerInfo, Status } from '../domain/status.ts';

export type ServerStatus = Status & { readonly server: ServerInfo };

/** One connection. It may break at any time: every call then fails, and the dashboard asks for another one. */
export type DashboardClient = {
  ping(): Promise<{ readonly version: string; readonly commit: string }>;
  /** The state at once, then whenever it changed. */
  watchStatus(): Observable<ServerStatus>;
  /** A task's log as bytes of text; with `follow`, it ends when the task does. */
  readLogs(
    jobId: string,
    taskName: string,
    query: { readonly tailLines: number; readonly follow: boolean },
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array>;
  cancelJob(jobId: string): Promise<void>;
  cancelTask(jobId: string, taskName: string): Promise<void>;
};

/** Opens a connection. Called again when it broke: the client before is not used any more. */
export type Connect = () => Promise<DashboardClient>;
