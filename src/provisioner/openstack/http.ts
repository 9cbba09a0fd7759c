/**
 * One request to a service of the cloud, with a time limit, and again where that is safe. Tokens and addresses are `session.ts`'s,
 * the meaning of an answer is for those who asked.
 */
import type { Log } from '../../base/log.ts';
import { messageOf } from '../../base/message-of.ts';
import type { Clock } from './clock.ts';
import { errorWords } from './error-words.ts';
import { type Fate, OpenstackError } from './openstack-error.ts';
import { retryAfterMs } from './retry-after.ts';

export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON; `null`: no body. */
  readonly body: unknown;
  /** Asking twice does no more than asking once: such a request is sent again when its answer was lost. */
  readonly repeatable: boolean;
};

/** `body`: parsed JSON; `null` when there was none. */
export type HttpAnswer = { readonly headers: Headers; readonly body: unknown };

/**
 * Sends a request until it is answered. Rejects with {@link OpenstackError}, or with what `signal` was aborted with. Only what no
 * service can have acted on is sent again, and what is `repeatable`.
 */
export type Send = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

/** A service that takes longer over one request than this hangs. */
const REQUEST_LIMIT_MS = 60_000;

/** How long a request is sent again and again. APIs that are restarted or updated are back within this. */
const RETRY_FOR_MS = 120_000;

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

export const createSend =
  ({ clock, log }: { readonly clock: Clock; readonly log: Log }): Send =>
  async (request, signal) => {
    const giveUpAt = clock.now() + RETRY_FOR_MS;
    for (let tries = 1; ; tries++) {
      try {
        return await sendOnce(request, clock.now, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof OpenstackError)) throw error;
        const waitMs = Math.max(error.retryAfterMs ?? 0, pauseMs(tries));
        if (!mayRepeat(request, error) || clock.now() + waitMs > giveUpAt) throw error;
        log.warn({ err: error, waitMs: Math.round(waitMs) }, 'the cloud does not answer as it should: asking again');
        await clock.sleep(waitMs, signal);
      }
    }
  };

/** Doubles with each try; the jitter keeps those apart that failed together. */
const pauseMs = (tries: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1)) * (0.5 + Math.random() / 2);

const mayRepeat = ({ repeatable }: HttpRequest, { fate, status, retryAfterMs }: OpenstackError): boolean => {
  switch (fate) {
    case 'notSent':
      return true;
    case 'unknown':
      return repeatable;
    case 'refused':
      // Nova's own rate limit was a 413 once.
      return status === 429 || (status === 413 && retryAfterMs !== null);
  }
};

const sendOnce = async (request: HttpRequest, now: () => number, signal: AbortSignal): Promise<HttpAnswer> => {
  const what = `${request.method} ${request.url.pathname}`;
  const { response, text } = await exchange(what, request, signal);
  const requestId = response.headers.get('x-openstack-request-id') ?? response.headers.get('x-compute-request-id');
  const facts = { request: what, status: response.status, requestId };
  if (!response.ok) {
    const { fate, words } = refusalOf(response, text);
    throw new OpenstackError({ ...facts, fate, words, retryAfterMs: retryAfterMs(response.headers.get('retry-after'), now()) });
  }
  try {
    return { headers: response.headers, body: text === '' ? null : JSON.parse(text) };
  } catch (cause) {
    throw new OpenstackError({ ...facts, fate: 'unknown', words: `the answer is no JSON: ${errorWords(text)}`, cause });
  }
};

const exchange = async (
  what: string,
  { method, url, headers, body }: HttpRequest,
  signal: AbortSignal,
): Promise<{ readonly response: Response; readonly text: string }> => {
  try {
    const response = await fetch(url, {
      method,
      headers: { accept: 'application/json', ...(body !== null && { 'content-type': 'application/json' }), ...headers },
      body: body === null ? null : JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_LIMIT_MS)]),
      // fetch would take the token along to wherever it is sent.
      redirect: 'manual',
    });
    return { response, text: await response.text() };
  } catch (cause) {
    throw noAnswer(what, url, cause);
  }
};

/** Errors of a connection that was never made. */
const NOT_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** OpenSSL's and Node's names for certificates that can't be trusted: those do not get better by asking again. */
const BAD_CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL/;

const noAnswer = (request: string, { host }: URL, cause: unknown): OpenstackError => {
  if (cause instanceof DOMException && cause.name === 'TimeoutError') {
    const words = `no answer from ${host} in ${REQUEST_LIMIT_MS / 1_000} s`;
    return new OpenstackError({ request, fate: 'unknown', words, cause });
  }
  const code = codeOf(cause);
  if (BAD_CERTIFICATE.test(code)) {
    const words = `the certificate of ${host} is not trusted (${code}): name its authority with OS_CACERT`;
    return new OpenstackError({ request, fate: 'refused', words, cause });
  }
  const wasSent = !NOT_CONNECTED.has(code);
  const words = wasSent ? `the connection to ${host} broke (${code})` : `no connection to ${host} (${code})`;
  return new OpenstackError({ request, fate: wasSent ? 'unknown' : 'notSent', words, cause });
};

/** fetch hides the system's error below its own. */
const codeOf = (error: unknown): string => {
  for (let at = error; at instanceof Error; at = at.cause) if ('code' in at && typeof at.code === 'string') return at.code;
  return messageOf(error);
};

const refusalOf = ({ status, headers }: Response, text: string): { readonly fate: Fate; readonly words: string } => {
  if (status < 400) return { fate: 'refused', words: `sends elsewhere: ${headers.get('location') ?? 'nowhere'}` };
  const mayHaveActed = status >= 500 || status === 408;
  return { fate: mayHaveActed ? 'unknown' : 'refused', words: errorWords(text) };
};
