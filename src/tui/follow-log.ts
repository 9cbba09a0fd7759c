/** Reads a task's log as events, over as many connections as that takes. */
import { Observable } from 'rxjs';
import { type LogPosition, type TaskLogQuery, withPosition } from '../domain/task-log.ts';
import { wordsOf } from './connection.ts';
import type { DashboardEvent } from './model.ts';
import type { DashboardClient } from './port.ts';

/** Lines that are there when a log is opened: a few screens to scroll back in, and no long wait over a slow line. */
const TAIL_LINES = 2_000;

/**
 * Each subscription is one connection, and goes on where the one before it broke off: in the middle of a line or of a character,
 * if need be. Completes with the log; a log that breaks off is an event too.
 */
export const followLog = (client: DashboardClient, job: string, task: string): Observable<DashboardEvent> => {
  let seen: readonly LogPosition[] = [];
  // A character may be split between two pieces.
  let decoder = new TextDecoder();
  return new Observable(subscriber => {
    const left = new AbortController();
    const read = async (): Promise<void> => {
      // A server that never said where its text stands knows of no other way than to send the end of the log again.
      let restarts = seen.length === 0;
      const query: TaskLogQuery = { tailLines: TAIL_LINES, follow: true, seen };
      for await (const { data, position } of client.readLogs(job, task, query, left.signal)) {
        // Not counted as seen: whoever goes on from here has not got it.
        if (subscriber.closed) return;
        if (position === null) restarts ||= seen.length > 0;
        if (restarts) decoder = new TextDecoder();
        seen = position === null ? [] : withPosition(seen, position);
        subscriber.next({ type: 'logReceived', text: decoder.decode(data, { stream: true }), restarts });
        restarts = false;
      }
      subscriber.next({ type: 'logEnded' });
      subscriber.complete();
    };
    read().catch((error: unknown) => {
      subscriber.next({ type: 'logFailed', why: wordsOf(error) });
      subscriber.complete();
    });
    return () => left.abort();
  });
};
