import { defer, fromEvent, type Observable, of, take } from 'rxjs';

/** Emits once, when the signal aborts or is found aborted. */
export const aborted = (signal: AbortSignal): Observable<unknown> =>
  defer(() => (signal.aborted ? of(null) : fromEvent(signal, 'abort').pipe(take(1))));
