/** The three shapes of the client's calls. Whatever goes wrong on the way is told as the client port says. */
import { type CallOptions, type ClientReadableStream, type ClientUnaryCall, Metadata, type ServiceError } from '@grpc/grpc-js';
import { Observable } from 'rxjs';
import { ServerRefusedError, ServerUnreachableError } from './client-port.ts';
import { chunkBytes } from './codec/chunk.ts';
import { clientErrorOf, type Peer } from './codes.ts';
import type { Chunk } from './stream.ts';

type UnaryMethod<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

/** Asks once, and waits for the answer at most `deadlineMs`. An aborted signal rejects with its reason. */
export const ask = <Request, Response>(
  peer: Peer,
  method: UnaryMethod<Request, Response>,
  request: Request,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<Response> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const call = method(request, new Metadata(), { deadline: Date.now() + deadlineMs }, (error, response) => {
      signal?.removeEventListener('abort', cancel);
      if (error === null) resolve(response);
      else reject(signal?.aborted ? signal.reason : clientErrorOf(error, peer));
    });
    const cancel = () => call.cancel();
    signal?.addEventListener('abort', cancel);
  });

/** Observes what a server shows. Completes after the last state only: a stream that ends before it was broken off. */
export const watch = <Message, State>(
  peer: Peer,
  open: () => ClientReadableStream<Message>,
  decode: (message: Message) => State,
  isLast: (state: State) => boolean,
): Observable<State> =>
  new Observable(subscriber => {
    const call = open();
    call.on('data', (message: Message) => {
      const state = decode(message);
      subscriber.next(state);
      if (isLast(state)) subscriber.complete();
    });
    call.on('error', error => subscriber.error(clientErrorOf(error, peer)));
    call.on('end', () => subscriber.error(new ServerUnreachableError(`the server at ${peer.name} broke off; is it restarting?`)));
    return () => call.cancel();
  });

/**
 * Reads what a server sends in chunks; `decode` is given each with those of its bytes that count. Returning early and aborting end
 * the call; an aborted signal rejects with its reason.
 */
export async function* read<Message extends Chunk, Piece>(
  peer: Peer,
  open: () => ClientReadableStream<Message>,
  decode: (chunk: Message, bytes: Uint8Array) => Piece,
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  signal.throwIfAborted();
  const call = open();
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel);
  // A cancelled call emits its error even when nobody iterates any more.
  call.on('error', () => undefined);
  try {
    for await (const chunk of call as AsyncIterable<Message>) yield decode(chunk, whole(peer, chunk));
  } catch (error) {
    signal.throwIfAborted();
    throw clientErrorOf(error, peer);
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}

const whole = (peer: Peer, chunk: Chunk): Uint8Array => {
  const bytes = chunkBytes(chunk);
  if (bytes !== null) return bytes;
  throw new ServerRefusedError(
    `the server at ${peer.name} sent a chunk of ${chunk.length} bytes with only ${chunk.data.length}`,
    'internal',
  );
};
