/** The server's end of a call, reduced to what its conversations need: to send, to end, and to know that it is over. */
import { fromEvent, type Observable, of } from 'rxjs';
import type { CallEnding } from './codes.ts';

/** A call of any shape. grpc-js's server calls are such, and so are the fakes of the specs. */
export type ServerCall = {
  readonly cancelled: boolean;
  once(event: 'cancelled' | 'close', listener: () => void): unknown;
  off(event: 'cancelled' | 'close', listener: () => void): unknown;
  emit(event: 'error', ending: CallEnding): boolean;
};

/** A call that sends more than one message. */
export type OutgoingCall<Message> = ServerCall & {
  /** `flushed` is called once the client's window had room for the message; never, if the client goes before. */
  write(message: Message, flushed: () => void): boolean;
  end(): unknown;
};

/**
 * Aborts when the call is over, whoever ended it. Listens to more than `cancelled`, which a client that vanishes may leave
 * out (grpc-node #2583).
 */
export const signalOf = (call: ServerCall): AbortSignal => {
  const controller = new AbortController();
  const over = () => controller.abort();
  if (call.cancelled) over();
  call.once('cancelled', over);
  call.once('close', over);
  return controller.signal;
};

/** Emits when the signal aborts, or at once where it has. */
export const aborted = (signal: AbortSignal): Observable<unknown> => (signal.aborted ? of(signal) : fromEvent(signal, 'abort'));

/** Ends a call with another status than OK, after what was written to it. */
export const endWith = (call: ServerCall, ending: CallEnding): void => {
  call.emit('error', ending);
};
