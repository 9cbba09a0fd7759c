/**
 * What became of a request that failed. `notSent`: no service ever saw it. `refused`: a service said no, nothing was done.
 * `unknown`: it may have been done, as the answer was lost or the service broke over it.
 */
export type Fate = 'notSent' | 'refused' | 'unknown';

/** The cloud did not do what it was asked. `message` is one line: the request, the status, the service's own words, its request id. */
export class OpenstackError extends Error {
  override readonly name = 'OpenstackError';
  /** Method and path: `POST /v2.1/servers`. */
  readonly request: string;
  readonly fate: Fate;
  /** HTTP status; `null` when there was no answer. */
  readonly status: number | null;
  /** The service's own words, or what is known of the missing answer. */
  readonly words: string;
  /** What the cloud's operators find the request by in their logs: `req-…`. */
  readonly requestId: string | null;
  /** How long the service asked to be left alone; `null` when it did not say. */
  readonly retryAfterMs: number | null;

  constructor({ request, fate, status = null, words, requestId = null, retryAfterMs = null, cause }: OpenstackErrorOptions) {
    const answer = status === null ? words : `${status} ${words}`;
    super(`${request}: ${answer}${requestId === null ? '' : ` (${requestId})`}`, { cause });
    this.request = request;
    this.fate = fate;
    this.status = status;
    this.words = words;
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
  }
}

type OpenstackErrorOptions = {
  readonly request: string;
  readonly fate: Fate;
  readonly status?: number | null;
  readonly words: string;
  readonly requestId?: string | null;
  readonly retryAfterMs?: number | null;
  readonly cause?: unknown;
};

/** Whether a service answered with one of these HTTP statuses. */
export const hasStatus = (error: unknown, ...statuses: readonly number[]): error is OpenstackError =>
  error instanceof OpenstackError && error.status !== null && statuses.includes(error.status);
