/** The client against a real server: what its callers see, and what they see when things go wrong. */

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { List } from 'immutable';
import { BehaviorSubject, firstValueFrom, lastValueFrom, NEVER, take, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Submission } from '../../src/domain/job.ts';
import type { JobId } from '../../src/domain/names.ts';
import { ok, refuse } from '../../src/domain/refusal.ts';
import type { JobStatus } from '../../src/domain/status.ts';
import { connectClient } from '../../src/rpc/client.ts';
import { type AlfredClient, ServerRefusedError, ServerUnreachableError } from '../../src/rpc/client-port.ts';
import {
  AlfredService as AlfredContract,
  type LoadImageMessage,
  type LoadImageResponse,
  LoadImageResponse_Status,
} from '../../src/rpc/generated/alfred.ts';
import { type RpcServer, startRpcServer } from '../../src/rpc/server.ts';
import { logText } from '../support/log-text.ts';
import { type MemoryService, memoryService } from './memory-service.ts';
import { silentLog } from './silent-log.ts';

/** A machine that does much else at the same time is slow, not wrong. */
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const never = new AbortController().signal;

let folder: string;
let service: MemoryService;
let server: RpcServer;
let client: AlfredClient;

const serve = async (changes: Partial<MemoryService> = {}) => {
  service = memoryService(changes);
  server = await startRpcServer({ service, listen: `unix:${join(folder, 'alfred.sock')}`, log: silentLog });
  client = connectClient({ address: server.address });
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alfred-client-'));
  await serve();
});
afterEach(async () => {
  await client.close();
  await server.stop(0);
  await rm(folder, { recursive: true });
});

const serveInstead = async (changes: Partial<MemoryService>) => {
  await client.close();
  await server.stop(0);
  await serve(changes);
};

const submission: Submission = {
  spec: {
    name: 'tests',
    about: '',
    steps: ['sha256:abc'],
    env: [],
    secrets: [],
    services: [],
    tasks: [{ name: 'unit', slots: 2 }],
    keepFailedMs: 0,
  },
  jobfile: 'name: tests',
  commandLine: 'alfred run tests.yaml',
  startedBy: 'ada',
};

const running: JobStatus = {
  name: 'tests-red-fox' as JobId,
  about: '',
  tasks: List([
    { name: 'unit', state: 'running', exitCode: null, startedAt: 1_500, endedAt: null, reason: null, keptUntil: null },
  ]),
  scheduledAt: 1_000,
  completedAt: null,
  jobfile: '',
  commandLine: '',
  startedBy: '',
};
const completed: JobStatus = { ...running, completedAt: 2_000 };

const text = async (chunks: AsyncIterable<Uint8Array>): Promise<string> =>
  Buffer.concat(await Array.fromAsync(chunks)).toString();

describe('the client', () => {
  it('asks who the server is', async () => {
    expect(await client.ping()).toEqual({ version: '1.2.3', commit: 'abcdef0' });
  });

  it('hands in jobs', async () => {
    expect(await client.scheduleJob(submission)).toBe('tests-red-fox');
    expect(service.submissions).toEqual([submission]);
  });

  it('cancels jobs and tasks', async () => {
    service.jobs.set('tests-red-fox', NEVER);
    await client.cancelJob('tests-red-fox');
    await client.cancelTask('tests-red-fox', 'unit');
    expect(service.cancelled).toEqual(['tests-red-fox', 'tests-red-fox/unit']);
  });

  it('downloads artifacts and reads logs', async () => {
    service.files.set('tests-red-fox/unit', async function* () {
      yield Buffer.from('a line, ');
      yield Buffer.from('and another');
    });
    expect(await text(client.downloadArtifact('tests-red-fox', 'unit', never))).toBe('a line, and another');
    const seen = [{ file: 'unit-step-1.log', offset: 3 * 2 ** 40 }];
    expect(
      await Array.fromAsync(client.readLogs('tests-red-fox', 'unit', { tailLines: 7, follow: true, seen }, never)),
    ).toStrictEqual([
      logText('a line, ', { file: 'unit-step-1.log', offset: 8 }),
      logText('and another', { file: 'unit-step-1.log', offset: 19 }),
    ]);
    expect(service.logQueries).toEqual([{ tailLines: 7, follow: true, seen }]);
  });

  it('says which server it can not reach, and what to look at', async () => {
    const nobody = connectClient({ address: '127.0.0.1:1' });
    onTestFinished(() => nobody.close());
    const words =
      "can't reach the server at 127.0.0.1:1: nothing listens there (connection refused); is alfred-server running, and the port right?";
    await expect(nobody.ping()).rejects.toThrow(new ServerUnreachableError(words));
    await expect(lastValueFrom(nobody.watchStatus())).rejects.toThrow(words);
    await expect(text(nobody.downloadArtifact('a-b', 'c-d', never))).rejects.toThrow(words);
    await expect(nobody.uploadImage('sha256:1', async function* () {}, never)).rejects.toThrow(words);
  });

  it('finds the server again when it was restarted', async () => {
    await client.ping();
    await server.stop(0);
    await expect(client.ping()).rejects.toBeInstanceOf(ServerUnreachableError);

    server = await startRpcServer({ service, listen: server.address, log: silentLog });

    await vi.waitFor(() => client.ping(), { timeout: 10_000, interval: 100 });
  });

  it("tells the server's refusals in the server's words", async () => {
    const unknown = client.cancelJob('no-job');
    await expect(unknown).rejects.toBeInstanceOf(ServerRefusedError);
    await expect(unknown).rejects.toMatchObject({ reason: 'notFound', message: 'no job no-job; `alfred ps --all` lists them' });
    await expect(client.scheduleJob({ ...submission, spec: { ...submission.spec, tasks: [] } })).rejects.toMatchObject({
      reason: 'invalid',
      message: 'the job has no tasks; at least one is needed',
    });
  });

  it('does not wait for ever on a server that is stuck', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'Date'] });
    onTestFinished(() => void vi.useRealTimers());
    await serveInstead({ cancelJob: () => new Promise(() => undefined) });
    const stuck = client.cancelJob('tests-red-fox');
    stuck.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(121_000);
    await expect(stuck).rejects.toThrow(/^the server at unix:.*alfred\.sock did not answer in time/);
  });

  it.each(['ping', 'cancelJob'] as const)('gives up %s when it is told to, with the reason given', async method => {
    const stop = new AbortController();
    await serveInstead({ cancelJob: () => new Promise(() => undefined) });
    const asked = method === 'ping' ? client.ping(stop.signal) : client.cancelJob('tests-red-fox', stop.signal);
    stop.abort(new Error('Ctrl+C'));
    await expect(asked).rejects.toThrow('Ctrl+C');
    await expect(client.ping(stop.signal)).rejects.toThrow('Ctrl+C');
  });
});

describe('watching', () => {
  it('a job completes after its last state', async () => {
    const job$ = new BehaviorSubject(running);
    service.jobs.set('tests-red-fox', job$);
    const states = lastValueFrom(client.watchJob('tests-red-fox').pipe(toArray()));
    await vi.waitFor(() => expect(job$.observed).toBe(true));
    job$.next(completed);
    expect((await states).map(({ completedAt }) => completedAt)).toEqual([null, 2_000]);
  });

  it('a job whose stream breaks off is not taken for one that completed', async () => {
    service.jobs.set('tests-red-fox', new BehaviorSubject(running));
    const states: JobStatus[] = [];
    const over = new Promise(resolve =>
      client
        .watchJob('tests-red-fox')
        .subscribe({ next: state => states.push(state), error: resolve, complete: () => resolve('completed') }),
    );
    await vi.waitFor(() => expect(states).toHaveLength(1));
    await server.stop(0);
    expect(await over).toBeInstanceOf(ServerUnreachableError);
  });

  it('an unknown job is refused', async () => {
    await expect(lastValueFrom(client.watchJob('no-job'))).rejects.toMatchObject({
      name: 'ServerRefusedError',
      reason: 'notFound',
    });
  });

  it('the list and the status goes on until unsubscribed', async () => {
    service.list$.next([running, completed]);
    expect(await firstValueFrom(client.watchJobs())).toMatchObject([{ completedAt: null }, { completedAt: 2_000 }]);
    expect(await firstValueFrom(client.watchStatus())).toMatchObject({ jobs: [], nodes: [], server: service.info });
    await vi.waitFor(() => expect([service.list$.observed, service.status$.observed]).toEqual([false, false]));
  });

  it('can be taken up again by subscribing again', async () => {
    service.jobs.set('tests-red-fox', new BehaviorSubject(running));
    const job$ = client.watchJob('tests-red-fox').pipe(take(1));
    expect(await firstValueFrom(job$)).toMatchObject({ completedAt: null });
    expect(await firstValueFrom(job$)).toMatchObject({ completedAt: null });
  });
});

describe('downloading', () => {
  it('is ended by leaving the loop, and by the signal', async () => {
    const released = vi.fn();
    service.files.set('tests-red-fox/unit', async function* () {
      try {
        for (;;) yield Buffer.alloc(1 << 20);
      } finally {
        released();
      }
    });
    for await (const _ of client.downloadArtifact('tests-red-fox', 'unit', never)) break;
    await vi.waitFor(() => expect(released).toHaveBeenCalledTimes(1));

    const stop = new AbortController();
    const reading = (async () => {
      for await (const _ of client.downloadArtifact('tests-red-fox', 'unit', stop.signal)) stop.abort(new Error('Ctrl+C'));
    })();
    await expect(reading).rejects.toThrow('Ctrl+C');
    await vi.waitFor(() => expect(released).toHaveBeenCalledTimes(2));
    await expect(text(client.downloadArtifact('tests-red-fox', 'unit', stop.signal))).rejects.toThrow('Ctrl+C');
  });

  it('fails where the server does, after what came before', async () => {
    service.files.set('tests-red-fox/unit', async function* () {
      yield Buffer.alloc(1 << 20);
      throw new Error('disk gone');
    });
    const received: number[] = [];
    const reading = (async () => {
      for await (const { length } of client.downloadArtifact('tests-red-fox', 'unit', never)) received.push(length);
    })();
    await expect(reading).rejects.toMatchObject({ name: 'ServerRefusedError', reason: 'internal' });
    expect(received).toEqual([1 << 20]);
  });
});

describe('uploading', () => {
  const image = Buffer.alloc(2_500_000, 'layer');
  async function* archive() {
    for (let start = 0; start < image.length; start += 100_000) yield image.subarray(start, start + 100_000);
  }

  it('sends an image that the server lacks, in chunks of the size it asks for', async () => {
    const sizes: number[] = [];
    await serveInstead({
      loadImage: async (_, chunks) => {
        for await (const { length } of chunks) sizes.push(length);
        return ok(undefined);
      },
    });
    expect(await client.uploadImage('sha256:1', archive, never)).toBe('loaded');
    expect(sizes).toEqual([1_048_576, 1_048_576, 402_848]);
  });

  it('does not even open an image that the server has', async () => {
    service.images.set('sha256:1', image);
    const open = vi.fn(archive);
    expect(await client.uploadImage('sha256:1', open, never)).toBe('present');
    expect(open).not.toHaveBeenCalled();
  });

  it('reads the archive no faster than the server takes it', async () => {
    const engine = Promise.withResolvers<void>();
    await serveInstead({
      loadImage: async (_, chunks) => {
        await engine.promise;
        for await (const _chunk of chunks);
        return ok(undefined);
      },
    });
    let read = 0;
    const uploading = client.uploadImage(
      'sha256:1',
      async function* () {
        for (; read < 100; read++) yield Buffer.alloc(1 << 20);
      },
      never,
    );
    let before = -1;
    while (before !== read) {
      before = read;
      await new Promise(resolve => setTimeout(resolve, 200));
    }
    expect(read).toBeLessThan(60);
    engine.resolve();
    expect(await uploading).toBe('loaded');
  });

  it("tells the server's refusal in the middle of it", async () => {
    await serveInstead({
      loadImage: async (_, chunks) => {
        for await (const _chunk of chunks) return refuse('invalid', 'this is no image');
        return ok(undefined);
      },
    });
    const endless = async function* () {
      for (;;) yield Buffer.alloc(1 << 20);
    };
    await expect(client.uploadImage('sha256:1', endless, never)).rejects.toMatchObject({
      reason: 'invalid',
      message: 'this is no image',
    });
  });

  it("fails with the archive's own error, and the server keeps nothing", async () => {
    const broken = async function* () {
      yield Buffer.from('half');
      throw new RangeError('docker save: no space left on device');
    };
    await expect(client.uploadImage('sha256:1', broken, never)).rejects.toThrow(
      new RangeError('docker save: no space left on device'),
    );
    expect(service.images.size).toBe(0);
  });

  it('ends when it is told to, with the reason given, and closes the archive', async () => {
    const stop = new AbortController();
    const closed = vi.fn();
    const slow = async function* () {
      try {
        for (;;) {
          yield Buffer.alloc(1 << 20);
          stop.abort(new Error('Ctrl+C'));
        }
      } finally {
        closed();
      }
    };
    await expect(client.uploadImage('sha256:1', slow, stop.signal)).rejects.toThrow('Ctrl+C');
    await vi.waitFor(() => expect(closed).toHaveBeenCalled());
    expect(service.images.size).toBe(0);
  });
});

describe('against an old server', () => {
  /** A server that knows nothing but the contract, and of it only what the spec is about. */
  const oldServer = async (implementation: UntypedServiceImplementation): Promise<AlfredClient> => {
    const old = new Server();
    old.addService(AlfredContract, implementation);
    const port = await new Promise<number>((resolve, reject) =>
      old.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
    const connected = connectClient({ address: `127.0.0.1:${port}` });
    onTestFinished(async () => {
      await connected.close();
      old.forceShutdown();
    });
    return connected;
  };

  it.each([
    [49 << 20, 1 << 20],
    [undefined, 1 << 20],
    [0, 1 << 20],
    [65_536, 65_536],
  ])('that asks for chunks of %s bytes, an upload sends %i at a time', async (chunkSize, expected) => {
    const received: { readonly lengths: Set<number>; total: number } = { lengths: new Set(), total: 0 };
    const old = await oldServer({
      loadImage: (call: ServerDuplexStream<LoadImageMessage, LoadImageResponse>) =>
        call.on('data', ({ message }: LoadImageMessage) => {
          if (message?.$case === 'init') call.write({ status: LoadImageResponse_Status.CONTINUE, chunkSize });
          if (message?.$case === 'done') call.end();
          if (message?.$case !== 'data') return;
          received.lengths.add(message.value.length);
          received.total += message.value.chunk.length;
        }),
    });
    const whole = async function* () {
      yield Buffer.alloc(3 << 20);
    };
    expect(await old.uploadImage('sha256:1', whole, never)).toBe('loaded');
    expect(received).toEqual({ lengths: new Set([expected]), total: 3 << 20 });
  });

  it('that says nothing newer than the contract, a job is watched to its end', async () => {
    const goZero = new Date('0001-01-01T00:00:00Z');
    const task = { name: 'unit', exitCode: undefined, startedAt: goZero, endedAt: undefined, reason: undefined };
    const job = { ...running, tasks: [{ ...task, status: 1 }], scheduledAt: new Date(1_000), completedAt: undefined };
    const old = await oldServer({
      watchJob: (call: ServerWritableStream<unknown, unknown>) => {
        call.write(job);
        call.write({ ...job, completedAt: new Date(9_000) });
        call.end();
      },
    });
    const states = await lastValueFrom(old.watchJob('tests-red-fox').pipe(toArray()));
    expect(states.map(({ completedAt }) => completedAt)).toEqual([null, 9_000]);
    expect(states[0]?.tasks.get(0)).toEqual({
      name: 'unit',
      state: 'queued',
      exitCode: null,
      startedAt: null,
      endedAt: null,
      reason: null,
      keptUntil: null,
    });
  });

  it('that ends a watch early with OK, the job does not count as completed', async () => {
    const old = await oldServer({ watchJob: (call: ServerWritableStream<unknown, unknown>) => call.end() });
    await expect(lastValueFrom(old.watchJob('tests-red-fox'))).rejects.toThrow(/broke off; is it restarting\?$/);
  });

  it('that sends its whole buffer with the last chunk, only what counts is taken', async () => {
    const old = await oldServer({
      downloadArtifact: (call: ServerWritableStream<unknown, unknown>) => {
        call.write({ data: Buffer.from('abcd'), length: 4 });
        call.write({ data: Buffer.from('efcd'), length: 2 });
        call.end();
      },
    });
    expect(await text(old.downloadArtifact('tests-red-fox', 'unit', never))).toBe('abcdef');
  });

  it('that sends less than it says, a download fails', async () => {
    const old = await oldServer({
      downloadArtifact: (call: ServerWritableStream<unknown, unknown>) => {
        call.write({ data: Buffer.from('abc'), length: 4 });
        call.end();
      },
    });
    await expect(text(old.downloadArtifact('tests-red-fox', 'unit', never))).rejects.toThrow(
      /sent a chunk of 4 bytes with only 3$/,
    );
  });

  it('that lacks a call, the client says so', async () => {
    const old = await oldServer({ watchJob: (call: ServerWritableStream<unknown, unknown>) => call.end() });
    await expect(old.ping()).rejects.toMatchObject({ name: 'ServerRefusedError', reason: 'unimplemented' });
  });
});

describe('a server that is no server', () => {
  it('is told from one that answers', async () => {
    const web = createServer((socket: Socket) =>
      socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    ).listen(0, '127.0.0.1');
    await once(web, 'listening');
    onTestFinished(() => void web.close());
    const { port } = web.address() as { port: number };
    const mistaken = connectClient({ address: `127.0.0.1:${port}` });
    onTestFinished(() => mistaken.close());
    await expect(mistaken.ping()).rejects.toBeInstanceOf(ServerUnreachableError);
  });
});
