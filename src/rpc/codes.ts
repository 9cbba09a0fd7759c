/** The one table between refusals and gRPC's status codes, and the way back to what a client's caller sees. */
import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import type { Refusal } from '../domain/refusal.ts';
import { ServerRefusedError, ServerUnreachableError } from './client-port.ts';

const CODE = {
  invalid: status.INVALID_ARGUMENT,
  // Not FAILED_PRECONDITION: that asks the client to mend the server's state and try again, but the width of a node is the
  // server's for its whole life. It is the job that must change.
  taskTooWide: status.INVALID_ARGUMENT,
  unknownJob: status.NOT_FOUND,
  unknownTask: status.NOT_FOUND,
  // The caller can ask again when the server's state is another: later, or after a run that brings the images along.
  notRunning: status.FAILED_PRECONDITION,
  nothingToRun: status.FAILED_PRECONDITION,
  imageGone: status.FAILED_PRECONDITION,
  nothingToSend: status.NOT_FOUND,
  shuttingDown: status.UNAVAILABLE,
  notDurable: status.RESOURCE_EXHAUSTED,
  engineUnavailable: status.UNAVAILABLE,
} satisfies Record<Refusal['type'], status>;

/** Trailer that names the refusal: tells a server's UNAVAILABLE from one that means "no server there". */
const REFUSAL_TRAILER = 'alfred-refusal';

/** A call's ending, as grpc-js wants it. */
export type CallEnding = Pick<StatusObject, 'code' | 'details'> & Partial<Pick<StatusObject, 'metadata'>>;

/** How a call ends that was turned down. */
export const endingOf = (refusal: Refusal): CallEnding => {
  const metadata = new Metadata();
  metadata.set(REFUSAL_TRAILER, refusal.type);
  return { code: CODE[refusal.type], details: refusal.message, metadata };
};

const REASON: Partial<Record<status, ServerRefusedError['reason']>> = {
  [status.INVALID_ARGUMENT]: 'invalid',
  [status.FAILED_PRECONDITION]: 'invalid',
  [status.ALREADY_EXISTS]: 'invalid',
  [status.OUT_OF_RANGE]: 'invalid',
  [status.NOT_FOUND]: 'notFound',
  [status.RESOURCE_EXHAUSTED]: 'exhausted',
  [status.UNAUTHENTICATED]: 'unauthenticated',
  [status.PERMISSION_DENIED]: 'unauthenticated',
  [status.UNIMPLEMENTED]: 'unimplemented',
};

/** Who the client talks to, for its messages. */
export type Peer = {
  /** As the user wrote it. */
  readonly name: string;
  /** What stands between (an ssh tunnel) and is in trouble, in its own words; `null` when it is not. */
  readonly trouble: () => string | null;
};

/** What a failed call means to the one who made it. */
export const clientErrorOf = (cause: unknown, peer: Peer): ServerRefusedError | ServerUnreachableError => {
  if (cause instanceof ServerRefusedError || cause instanceof ServerUnreachableError) return cause;
  if (!isServiceError(cause))
    return new ServerRefusedError(`talking to ${peer.name} failed: ${String(cause)}`, 'internal', { cause });
  if (cause.code === status.UNAVAILABLE || cause.code === status.DEADLINE_EXCEEDED || cause.code === status.CANCELLED)
    return new ServerUnreachableError(unreachable(cause, peer), { cause });
  return new ServerRefusedError(cause.details, REASON[cause.code] ?? 'internal', { cause });
};

const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;

const unreachable = (error: ServiceError, peer: Peer): string => {
  if (error.metadata.get(REFUSAL_TRAILER).length > 0) return `the server at ${peer.name} can't do this now: ${error.details}`;
  const trouble = peer.trouble();
  if (trouble !== null) return `can't reach the server at ${peer.name}: ${trouble}`;
  if (error.code === status.DEADLINE_EXCEEDED)
    return `the server at ${peer.name} did not answer in time; is the network slow, or the server stuck?`;
  return `can't reach the server at ${peer.name}: ${plain(error.details)}`;
};

/** grpc-js wraps the system's words; these are what helps. */
const plain = (details: string): string => {
  const refused = /ECONNREFUSED/.test(details);
  if (refused) return 'nothing listens there (connection refused); is alfred-server running, and the port right?';
  if (/Name resolution failed|ENOTFOUND/.test(details)) return 'no such host';
  if (/ENOENT/.test(details)) return 'there is no such socket; is alfred-server running?';
  if (/EACCES/.test(details)) return 'permission denied';
  return details;
};
