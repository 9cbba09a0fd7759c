import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../src/domain/refusal.ts';
import { ServerRefusedError, ServerUnreachableError } from '../../src/rpc/client-port.ts';
import { clientErrorOf, endingOf } from '../../src/rpc/codes.ts';

const peer = { name: 'alfred.example:25373', trouble: () => null };

const serviceError = (code: status, details: string, metadata = new Metadata()): ServiceError =>
  Object.assign(new Error(`${code}: ${details}`), { code, details, metadata });

const refusedWith = (type: Refusal['type'], message: string) => {
  const { code, details, metadata } = endingOf({ type, message });
  return clientErrorOf(serviceError(code, details, metadata), peer);
};

describe('a refusal', () => {
  it.each<[Refusal['type'], status]>([
    ['invalid', status.INVALID_ARGUMENT],
    ['taskTooWide', status.INVALID_ARGUMENT],
    ['unknownJob', status.NOT_FOUND],
    ['unknownTask', status.NOT_FOUND],
    ['nothingToSend', status.NOT_FOUND],
    ['shuttingDown', status.UNAVAILABLE],
    ['notDurable', status.RESOURCE_EXHAUSTED],
    ['engineUnavailable', status.UNAVAILABLE],
  ])('%s speaks gRPC, in its own words', (type, code) => {
    expect(endingOf({ type, message: 'do this instead' })).toMatchObject({ code, details: 'do this instead' });
  });

  it.each<[Refusal['type'], ServerRefusedError['reason']]>([
    ['invalid', 'invalid'],
    ['taskTooWide', 'invalid'],
    ['unknownJob', 'notFound'],
    ['unknownTask', 'notFound'],
    ['nothingToSend', 'notFound'],
    ['notDurable', 'exhausted'],
  ])('%s reaches the client as a no, in the same words', (type, reason) => {
    const error = refusedWith(type, 'do this instead');
    expect(error).toBeInstanceOf(ServerRefusedError);
    expect(error).toMatchObject({ message: 'do this instead', reason });
  });

  it.each<Refusal['type']>(['shuttingDown', 'engineUnavailable'])('%s reaches the client as a "later perhaps"', type => {
    const error = refusedWith(type, 'the engine is down');
    expect(error).toBeInstanceOf(ServerUnreachableError);
    expect(error.message).toBe("the server at alfred.example:25373 can't do this now: the engine is down");
  });
});

describe('a failed call', () => {
  it.each([
    [status.UNAVAILABLE, 'No connection established. Last error: connect ECONNREFUSED 127.0.0.1:1', 'nothing listens there'],
    [status.UNAVAILABLE, 'Name resolution failed for target dns:x:1', 'no such host'],
    [status.UNAVAILABLE, 'No connection established. Last error: connect ENOENT /x.sock', 'there is no such socket'],
    [status.UNAVAILABLE, 'Connection dropped', 'Connection dropped'],
    [status.DEADLINE_EXCEEDED, 'Deadline exceeded after 10s', 'did not answer in time'],
    [status.CANCELLED, 'Call cancelled', 'Call cancelled'],
  ])('with code %i and "%s" names the server and says what is wrong', (code, details, expected) => {
    const error = clientErrorOf(serviceError(code, details), peer);
    expect(error).toBeInstanceOf(ServerUnreachableError);
    expect(error.message).toContain('alfred.example:25373');
    expect(error.message).toContain(expected);
  });

  it.each([
    [status.UNAUTHENTICATED, 'unauthenticated'],
    [status.PERMISSION_DENIED, 'unauthenticated'],
    [status.UNIMPLEMENTED, 'unimplemented'],
    [status.INTERNAL, 'internal'],
    [status.UNKNOWN, 'internal'],
  ])('with code %i is a refusal of its kind', (code, reason) => {
    expect(clientErrorOf(serviceError(code, 'no'), peer)).toMatchObject({ name: 'ServerRefusedError', reason, message: 'no' });
  });

  it("through a tunnel in trouble has the tunnel's words", () => {
    const tunnelled = { ...peer, trouble: () => 'ssh root@host: Permission denied' };
    expect(clientErrorOf(serviceError(status.UNAVAILABLE, 'Connection dropped'), tunnelled).message).toBe(
      "can't reach the server at alfred.example:25373: ssh root@host: Permission denied",
    );
  });

  it('keeps its cause, whatever was thrown', () => {
    const bug = new TypeError('x is not a function');
    expect(clientErrorOf(bug, peer)).toMatchObject({ reason: 'internal', cause: bug });
  });
});
