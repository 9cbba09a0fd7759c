import type { IncomingMessage } from 'node:http';
import { askOnce } from './calls.ts';
import type { Engine } from './engine.ts';
import { toEngineError } from './errors.ts';

/** A request whose answer comes piece by piece. */
export type StreamRequest = {
  readonly method: 'GET' | 'POST';
  /** Without the query: `/containers/x/logs`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
};

/**
 * Opens an answer of the engine as a stream. Beside dockerode's own methods, because those collect the answers of `wait` and of
 * `logs` without `follow` in memory, and never settle when the connection breaks in the middle of one.
 * Not tried again: half of an answer may have been used by then.
 */
export const openStream = (engine: Engine, what: string, request: StreamRequest, signal: AbortSignal): Promise<IncomingMessage> =>
  askOnce(what, () => dialStream(engine, request, signal), signal);

/** Like {@link openStream}, without a limit to the time until the answer begins, and with errors as dockerode has them. */
export const dialStream = (
  engine: Engine,
  { method, path, query }: StreamRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const request = {
      method,
      path: `${path}?`,
      options: { _query: query, _body: {} },
      isStream: true,
      abortSignal: signal,
      statusCodes: { 200: true },
    };
    engine.docker.modem.dial(request, (error, answer) => (error ? reject(error) : resolve(answer as IncomingMessage)));
  });

/** The chunks of an answer; a connection that breaks is an error of the engine. Leaving the loop ends the answer. */
export async function* chunksOf(what: string, answer: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* answer;
  } catch (error) {
    throw toEngineError(what, brokenBy(answer) ?? error);
  }
}

/** An answer that is cut knows no more than that it was; why is known to the connection below it, when that broke for a reason. */
const brokenBy = (answer: AsyncIterable<Buffer>): Error | null => (answer as Partial<IncomingMessage>).socket?.errored ?? null;

/** The whole answer as text. */
export const textOf = async (what: string, answer: AsyncIterable<Buffer>): Promise<string> =>
  Buffer.concat(await Array.fromAsync(chunksOf(what, answer))).toString('utf8');
