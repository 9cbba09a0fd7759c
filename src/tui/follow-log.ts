/** Reads a task's log as events, for as long as someone is subscribed. */
import { Observable } from 'rxjs';
import { wordsOf } from './connection.ts';
import type { DashboardEvent } from './model.ts';
import type { DashboardClient } from './port.ts';

/** Lines that are there when a log is opened: a few screens to scroll back in, and no long wait over a slow line. */
const TAIL_LINES = 2_000;

/** Completes with the log; a log that breaks off is an event too. */
export const followLog = (client: DashboardClient, job: string, task: string): Observable<DashboardEvent> =>
  new Observable(subscriber => {
    const left = new AbortController();
    const read = async (): Promise<void> => {
      // A character may be split between two chunks.
      const decoder = new TextDecoder();
      let restarts = true;
      for await (const { data } of client.readLogs(job, task, { tailLines: TAIL_LINES, follow: true }, left.signal)) {
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
