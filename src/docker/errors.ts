/** The engine could not do what it was asked, or did not answer. `message` is one line with the engine's own words. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  /** The engine's HTTP status; `null` when there was no answer. */
  readonly status: number | null;
  /** The same call may work later. */
  readonly transient: boolean;

  constructor(message: string, { status = null, transient = false, cause }: EngineErrorOptions = {}) {
    super(message, { cause });
    this.status = status;
    this.transient = transient;
  }
}

type EngineErrorOptions = { readonly status?: number | null; readonly transient?: boolean; readonly cause?: unknown };

/** Connections that were not made or broke: the engine restarts, or the way to it is gone for a while. */
const LOST_CONNECTION = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** What is known of a failure of dockerode or of the socket below it. `what`: the attempted thing, as in "create network x". */
export const toEngineError = (what: string, cause: unknown): EngineError => {
  if (cause instanceof EngineError) return cause;
  const { statusCode: status = null, code } = cause as { readonly statusCode?: number; readonly code?: string };
  const transient = status === null ? LOST_CONNECTION.has(code ?? '') : status >= 500;
  return new EngineError(`${what}: ${wordsOf(cause)}`, { status, transient, cause });
};

/** Whether the engine answered with one of these HTTP statuses. */
export const hasStatus = (error: unknown, ...statuses: readonly number[]): error is EngineError =>
  error instanceof EngineError && error.status !== null && statuses.includes(error.status);

/** The first error of this class among an error and its causes; `null`: there is none. */
export const findCause = <E extends Error>(error: unknown, kind: abstract new (...args: never[]) => E): E | null => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof kind) return cause;
  return null;
};

/** Any error in one line, for a log. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).trim();

/** dockerode wraps the engine's words in its own; the answer's body has them plain. */
const wordsOf = (cause: unknown): string => {
  const words = (cause as { readonly json?: { readonly message?: unknown } }).json?.message;
  return typeof words === 'string' ? words.trim() : messageOf(cause);
};
