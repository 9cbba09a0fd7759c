/** The server as clients of any version and language meet it: the generated client plays one that knows the contract alone. */
import { type EventEmitter, once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, createServer, type Socket } from 'node:net';
import { Client, type ClientReadableStream, credentials, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { List } from 'immutable';
import { BehaviorSubject, NEVER, Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { JobId } from '../../src/domain/names.ts';
import { ok, refuse } from '../../src/domain/refusal.ts';
import type { JobStatus } from '../../src/domain/status.ts';
import { AlfredClient, type Job, LoadImageResponse_Status, TaskStatus_Status } from '../../src/rpc/generated/alfred.ts';
import { HealthClient, HealthCheckResponse_ServingStatus as Serving } from '../../src/rpc/generated/grpc/health/v1/health.ts';
import {
  ServerReflectionClient,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from '../../src/rpc/generated/grpc/reflection/v1/reflection.ts';
import { type RpcServer, startRpcServer } from '../../src/rpc/server.ts';
import { type MemoryService, memoryService } from './memory-service.ts';
import { silentLog } from './silent-log.ts';

/** A machine that does much else at the same time is slow, not wrong. */
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const MAX_MESSAGE = { 'grpc.max_receive_message_length': 50 << 20, 'grpc.max_send_message_length': 60 << 20 };

let service: MemoryService;
let server: RpcServer;
let client: AlfredClient;

const serve = async (changes: Partial<MemoryService> = {}, log = silentLog): Promise<void> => {
  service = memoryService(changes);
  server = await startRpcServer({ service, listen: '127.0.0.1:0', log });
  client = new AlfredClient(server.address, credentials.createInsecure(), MAX_MESSAGE);
};

beforeEach(() => serve());
afterEach(async () => {
  client.close();
  await server.stop(0);
});

/** Replaces the server by one whose service does this instead. */
const serveInstead = async (changes: Partial<MemoryService>, log = silentLog): Promise<void> => {
  client.close();
  await server.stop(0);
  await serve(changes, log);
};

type Unary<Request, Response> = (request: Request, callback: (error: ServiceError | null, response: Response) => void) => unknown;

const call = <Request, Response>(method: Unary<Request, Response>, request: Request): Promise<Response> =>
  new Promise((resolve, reject) => {
    method.call(client, request, (error, response) => (error === null ? resolve(response) : reject(error)));
  });

/** All messages of a stream; rejects with its status. */
const all = <Message>(stream: ClientReadableStream<Message>): Promise<Message[]> =>
  Array.fromAsync(stream as AsyncIterable<Message>);

/** How a call ends, as gRPC sees it. */
const ending = (stream: EventEmitter): Promise<StatusObject> => {
  stream.on('error', () => undefined);
  return new Promise(resolve => stream.once('status', resolve));
};

/** The next messages of a stream that goes on. */
const next = async <Message>(stream: ClientReadableStream<Message>, count = 1): Promise<Message[]> => {
  const messages: Message[] = [];
  stream.on('error', () => undefined);
  for await (const message of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Message>)
    if (messages.push(message) === count) break;
  return messages;
};

const job: Job = {
  name: 'tests',
  about: '',
  steps: ['sha256:abc'],
  env: [],
  secrets: [],
  services: [],
  tasks: [{ name: 'unit', slots: 0 }],
};

const jobStatus = (changes: Partial<JobStatus> = {}): JobStatus => ({
  name: 'tests-red-fox' as JobId,
  about: 'all of them',
  tasks: List([
    { name: 'unit', state: 'running', exitCode: null, startedAt: 1_500, endedAt: null, reason: null, keptUntil: null },
  ]),
  scheduledAt: 1_000,
  completedAt: null,
  jobfile: 'name: tests',
  commandLine: 'alfred run tests.yaml',
  startedBy: 'ada',
  ...changes,
});

describe('Ping and ScheduleJob', () => {
  it('answer over TCP', async () => {
    expect(await call(client.ping, {})).toEqual({ version: '1.2.3', commit: 'abcdef0' });
    expect(await call(client.scheduleJob, { job, jobfile: 'f', commandLine: 'c', startedBy: 'ada' })).toEqual({
      name: 'tests-red-fox',
    });
    expect(service.submissions).toMatchObject([
      { spec: { tasks: [{ name: 'unit', slots: 1 }] }, jobfile: 'f', commandLine: 'c', startedBy: 'ada' },
    ]);
  });

  it("tell the refusal's code and words, and change nothing", async () => {
    const bad = call(client.scheduleJob, { job: { ...job, tasks: [] }, jobfile: '', commandLine: '', startedBy: '' });
    await expect(bad).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: 'the job has no tasks; at least one is needed',
    });
    expect(service.submissions).toEqual([]);

    await serveInstead({ scheduleJob: async () => refuse('shuttingDown', 'the server stops at 100 %: réessayez →') });
    const late = call(client.scheduleJob, { job, jobfile: '', commandLine: '', startedBy: '' });
    await expect(late).rejects.toMatchObject({ code: status.UNAVAILABLE, details: 'the server stops at 100 %: réessayez →' });
  });
});

describe('names', () => {
  const bad = ['', 'x', '..', '../etc', 'a/b', 'A-B', 'a b', 'a\n', '-ab'];

  it.each(bad)('like %j are refused at the door of every call', async name => {
    const refused = { code: status.INVALID_ARGUMENT };
    const good = 'tests-red-fox';
    await expect(call(client.cancelJob, { name })).rejects.toMatchObject(refused);
    await expect(call(client.cancelTask, { job: name, task: 'unit' })).rejects.toMatchObject(refused);
    await expect(call(client.cancelTask, { job: good, task: name })).rejects.toMatchObject(refused);
    await expect(all(client.watchJob({ name }))).rejects.toMatchObject(refused);
    await expect(all(client.downloadArtifact({ job: name, task: 'unit' }))).rejects.toMatchObject(refused);
    await expect(all(client.downloadArtifact({ job: good, task: name }))).rejects.toMatchObject(refused);
    await expect(
      all(client.streamTaskLogs({ job: name, task: 'unit', tailLines: 1, follow: false, seen: [] })),
    ).rejects.toMatchObject(refused);
    await expect(
      all(client.streamTaskLogs({ job: good, task: name, tailLines: 1, follow: false, seen: [] })),
    ).rejects.toMatchObject(refused);
    expect(service.cancelled).toEqual([]);
  });

  it('of jobs that do not exist are NOT_FOUND', async () => {
    const unknown = { code: status.NOT_FOUND, details: 'no job no-job; `alfred ps --all` lists them' };
    await expect(call(client.cancelJob, { name: 'no-job' })).rejects.toMatchObject(unknown);
    await expect(call(client.cancelTask, { job: 'no-job', task: 'unit' })).rejects.toMatchObject(unknown);
    await expect(all(client.watchJob({ name: 'no-job' }))).rejects.toMatchObject(unknown);
    await expect(all(client.downloadArtifact({ job: 'no-job', task: 'unit' }))).rejects.toMatchObject({ code: status.NOT_FOUND });
  });
});

describe('CancelJob and CancelTask', () => {
  it('cancel', async () => {
    service.jobs.set('tests-red-fox', NEVER);
    expect(await call(client.cancelJob, { name: 'tests-red-fox' })).toEqual({});
    expect(await call(client.cancelTask, { job: 'tests-red-fox', task: '1unit' })).toEqual({});
    expect(service.cancelled).toEqual(['tests-red-fox', 'tests-red-fox/1unit']);
  });
});

describe('WatchJob', () => {
  it('shows the state at once, then each newer one, and ends OK after the one with completed_at', async () => {
    const job$ = new BehaviorSubject(jobStatus());
    service.jobs.set('tests-red-fox', job$);
    const watching = client.watchJob({ name: 'tests-red-fox' });
    const [first] = await next(watching);
    job$.next(
      jobStatus({
        tasks: List([
          {
            name: 'unit',
            state: 'failed',
            exitCode: 137,
            startedAt: 1_500,
            endedAt: 2_000,
            reason: 'out of memory',
            keptUntil: null,
          },
        ]),
        completedAt: 2_001,
      }),
    );

    expect(first).toEqual({
      name: 'tests-red-fox',
      about: 'all of them',
      tasks: [
        {
          name: 'unit',
          status: TaskStatus_Status.RUNNING,
          exitCode: undefined,
          startedAt: new Date(1_500),
          endedAt: undefined,
          reason: undefined,
        },
      ],
      scheduledAt: new Date(1_000),
      completedAt: undefined,
      jobfile: 'name: tests',
      commandLine: 'alfred run tests.yaml',
      startedBy: 'ada',
    });
    expect(await all(watching)).toMatchObject([
      {
        tasks: [{ status: TaskStatus_Status.FAILED, exitCode: 137, endedAt: new Date(2_000), reason: 'out of memory' }],
        completedAt: new Date(2_001),
      },
    ]);
    expect(job$.observed).toBe(false);
  });

  it('never ends OK before the job has', async () => {
    const job$ = new BehaviorSubject(jobStatus());
    service.jobs.set('tests-red-fox', job$);
    const watching = client.watchJob({ name: 'tests-red-fox' });
    await next(watching);
    job$.complete();
    await expect(all(watching)).rejects.toMatchObject({ code: status.UNAVAILABLE, details: 'the server is shutting down' });
  });

  it('is let go when its client cancels, and when it vanishes', async () => {
    const job$ = new BehaviorSubject(jobStatus());
    service.jobs.set('tests-red-fox', job$);
    const cancelled = client.watchJob({ name: 'tests-red-fox' });
    await next(cancelled);
    cancelled.cancel();
    await vi.waitFor(() => expect(job$.observed).toBe(false));

    const line = await unreliableLine(server.address);
    const vanishing = new AlfredClient(line.address, credentials.createInsecure());
    const watching = vanishing.watchJob({ name: 'tests-red-fox' });
    await next(watching);
    expect(job$.observed).toBe(true);
    line.cut();
    await vi.waitFor(() => expect(job$.observed).toBe(false));
    vanishing.close();
  });
});

/** A connection that can be cut like a cable. */
const unreliableLine = async (target: string) => {
  const [host, port] = target.split(':');
  const sockets = new Set<Socket>();
  const line = createServer(near => {
    const far = connect(Number(port), host);
    for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
    near.pipe(far).pipe(near);
  });
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  const cut = () => {
    line.close();
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(cut);
  return { address: `127.0.0.1:${(line.address() as { port: number }).port}`, cut };
};

describe('WatchJobs', () => {
  it('shows the list at once, and again when it changes', async () => {
    const watching = client.watchJobs({});
    expect(await next(watching)).toEqual([{ jobs: [] }]);
    service.list$.next([jobStatus()]);
    expect(await next(watching)).toMatchObject([{ jobs: [{ name: 'tests-red-fox' }] }]);
    watching.cancel();
  });
});

describe('WatchStatus', () => {
  it('shows the server, its jobs and its nodes', async () => {
    service.status$.next({
      jobs: [jobStatus()],
      nodes: [
        {
          name: 'node-1' as never,
          state: 'failedProvisioning',
          slots: [
            { id: 0, task: { job: 'tests-red-fox' as JobId, name: 'unit' } },
            { id: 1, task: null },
          ],
          reason: 'no valid host',
          unreachable: null,
          activity: null,
        },
      ],
    });
    const watching = client.watchStatus({});
    const [first] = await next(watching);
    expect(first).toMatchObject({
      server: { startedAt: new Date('2026-01-02T03:04:05.006Z') },
      scheduler: {
        provisioner: 'local',
        maxNodes: 4,
        slotsPerNode: 2,
        logLevel: 'INFO',
        provisioningDelay: { seconds: 20, nanos: 0 },
        taskStartupDelay: { seconds: 1, nanos: 500_000_000 },
        taskTimeout: { seconds: 18_000, nanos: 0 },
      },
      jobs: [{ name: 'tests-red-fox' }],
      nodes: [
        {
          name: 'node-1',
          status: 3,
          slots: [
            { id: 0, task: { job: 'tests-red-fox', name: 'unit' } },
            { id: 1, task: undefined },
          ],
          reason: 'no valid host',
        },
      ],
    });
    watching.cancel();
  });

  it('sends at most one message a second', async () => {
    const watching = client.watchStatus({});
    const arrivals: number[] = [];
    watching.on('error', () => undefined).on('data', () => arrivals.push(performance.now()));
    const changing = setInterval(() => service.status$.next({ jobs: [], nodes: [] }), 20);
    await vi.waitFor(() => expect(arrivals).toHaveLength(3), { timeout: 4_000 });
    clearInterval(changing);
    watching.cancel();
    const gaps = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? 0));
    // Sent a second apart; what lies between two arrivals may be a little less.
    expect(Math.min(...gaps)).toBeGreaterThan(900);
  });
});

describe('DownloadArtifact', () => {
  it('sends chunks of a MiB with their length', async () => {
    const content = Buffer.alloc(2_500_000, 'artifact');
    service.files.set('tests-red-fox/unit', async function* () {
      for (let start = 0; start < content.length; start += 65_536) yield content.subarray(start, start + 65_536);
    });
    const chunks = await all(client.downloadArtifact({ job: 'tests-red-fox', task: 'unit' }));
    expect(chunks.map(({ length }) => length)).toEqual([1_048_576, 1_048_576, 402_848]);
    expect(chunks.every(({ data, length }) => data.length === length)).toBe(true);
    expect(Buffer.concat(chunks.map(({ data }) => data)).equals(content)).toBe(true);
  });

  it('says so when the file breaks off, so that half of it is not taken for all', async () => {
    const log = { ...silentLog, error: vi.fn() };
    await serveInstead({}, log);
    service.files.set('tests-red-fox/unit', async function* () {
      yield Buffer.from('half');
      throw new Error('disk gone');
    });
    await expect(all(client.downloadArtifact({ job: 'tests-red-fox', task: 'unit' }))).rejects.toMatchObject({
      code: status.INTERNAL,
      details: 'the server failed at /proto.Alfred/DownloadArtifact; its log says why',
    });
    expect(log.error).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ err: new Error('disk gone') }), 'a call failed');
  });

  it('reads no further than the client, and is let go when the client leaves', async () => {
    let read = 0;
    let released = false;
    service.files.set('tests-red-fox/unit', async function* () {
      try {
        for (;;) {
          read++;
          yield Buffer.alloc(1 << 20);
        }
      } finally {
        released = true;
      }
    });
    const download = client.downloadArtifact({ job: 'tests-red-fox', task: 'unit' });
    await next(download);
    await settled(() => read);
    expect(read).toBeLessThan(40);
    download.cancel();
    await vi.waitFor(() => expect(released).toBe(true));
  });
});

/** Resolves when a number has stopped growing. */
const settled = async (number: () => number): Promise<void> => {
  for (let before = -1; before !== number(); ) {
    before = number();
    await new Promise(resolve => setTimeout(resolve, 200));
  }
};

describe('StreamTaskLogs', () => {
  it('sends each piece as it comes', async () => {
    const pieces = new Subject<string>();
    service.files.set('tests-red-fox/unit', async function* () {
      yield Buffer.from('==> unit-step-1.log <==\n');
      yield Buffer.from(await new Promise<string>(resolve => pieces.subscribe(resolve)));
    });
    const at = (offset: number) => ({ file: 'unit-step-1.log', offset });
    const log = client.streamTaskLogs({ job: 'tests-red-fox', task: 'unit', tailLines: 5, follow: true, seen: [at(0)] });
    expect(await next(log)).toEqual([{ data: Buffer.from('==> unit-step-1.log <==\n'), length: 24, position: at(24) }]);
    pieces.next('a line\n');
    expect(await all(log)).toEqual([{ data: Buffer.from('a line\n'), length: 7, position: at(31) }]);
    expect(service.logQueries).toEqual([{ tailLines: 5, follow: true, seen: [at(0)] }]);
  });

  it.each([0, -1])('takes %i lines for the 100 of the contract', async tailLines => {
    service.files.set('tests-red-fox/unit', async function* () {});
    await all(client.streamTaskLogs({ job: 'tests-red-fox', task: 'unit', tailLines, follow: false, seen: [] }));
    expect(service.logQueries).toEqual([{ tailLines: 100, follow: false, seen: [] }]);
  });
});

describe('LoadImage', () => {
  const asIs = (bytes: Buffer): Buffer => bytes;

  /** Speaks bytes, as a client in any language does. */
  const speak = async (...said: readonly Buffer[]): Promise<{ heard: readonly string[]; code: status; details: string }> => {
    const raw = new Client(server.address, credentials.createInsecure(), MAX_MESSAGE);
    onTestFinished(() => raw.close());
    const stream = raw.makeBidiStreamRequest('/proto.Alfred/LoadImage', asIs, asIs);
    const heard: string[] = [];
    stream.on('data', (bytes: Buffer) => heard.push(bytes.toString('hex')));
    const over = ending(stream);
    for (const bytes of said) stream.write(bytes);
    stream.end();
    const { code, details } = await over;
    return { heard, code, details };
  };

  const hex = (...parts: readonly string[]): Buffer => Buffer.from(parts.join(''), 'hex');
  const INIT = hex('0a08', '0a06', Buffer.from('sha256').toString('hex'));
  const DATA_ABC = hex('1207', '0a03', '616263', '1003');
  const DATA_DE_OF_4 = hex('1208', '0a04', '64650000', '1002');
  const DONE = hex('1a00');
  const CONTINUE_1_MIB = '080110808040';
  const OK = '0802';

  it('takes an image, byte for byte as the contract has it', async () => {
    expect(await speak(INIT, DATA_ABC, DATA_DE_OF_4, DONE)).toEqual({ heard: [CONTINUE_1_MIB], code: status.OK, details: 'OK' });
    expect(service.images.get('sha256')).toEqual(Buffer.from('abcde'));
  });

  it('is over at once when the server has the image', async () => {
    service.images.set('sha256', Buffer.from('known'));
    expect(await speak(INIT)).toEqual({ heard: [OK], code: status.OK, details: 'OK' });
  });

  it.each<[string, readonly Buffer[], string]>([
    ['nothing', [], 'LoadImage starts with init, but the stream ended without a message'],
    ['data without init', [DATA_ABC, DONE], 'LoadImage starts with init, not with data'],
    ['an empty message', [hex('')], 'LoadImage starts with init, not with an empty message'],
    ['an init without an image', [hex('0a00')], 'image id "" is none'],
    ['an init that is a path', [hex('0a05', '0a03', '2e2e2f')], 'image id "../" is none'],
    ['a second init', [INIT, INIT], 'after init come data and done, not init'],
    ['an image without done', [INIT, DATA_ABC], 'the image ended without done; nothing was loaded, send it again'],
    ['a chunk that was cut', [INIT, hex('1207', '0a03', '616263', '1004'), DONE], 'a chunk of 4 bytes carries only 3'],
  ])('refuses %s, and loads nothing', async (_, said, expected) => {
    const { code, details } = await speak(...said);
    expect(details).toContain(expected);
    expect(code).toBe(status.INVALID_ARGUMENT);
    expect(service.images.size).toBe(0);
  });

  it('refuses bytes that are no message', async () => {
    expect(await speak(hex('ffffffff'))).toMatchObject({
      heard: [],
      code: status.INTERNAL,
      details: 'Error deserializing request',
    });
    expect(service.images.size).toBe(0);
  });

  it("tells the engine's refusal while the client is still sending", async () => {
    await serveInstead({ loadImage: async () => refuse('engineUnavailable', 'the Docker engine does not answer') });
    const { code, details } = await speak(INIT, ...Array.from({ length: 50 }, () => DATA_ABC), DONE);
    expect({ code, details }).toEqual({ code: status.UNAVAILABLE, details: 'the Docker engine does not answer' });
  });

  it('stops reading while the engine is slow, and loses nothing', async () => {
    const engine = Promise.withResolvers<void>();
    let loaded = 0;
    await serveInstead({
      loadImage: async (_, archive) => {
        await engine.promise;
        for await (const chunk of archive) loaded += chunk.length;
        return ok(undefined);
      },
    });
    const stream = client.loadImage();
    const over = ending(stream);
    stream.write({ message: { $case: 'init', value: { imageId: 'sha256:big' } } });
    expect(await once(stream, 'data')).toMatchObject([{ status: LoadImageResponse_Status.CONTINUE }]);
    let taken = 0;
    const chunk = Buffer.alloc(1 << 20);
    const message = { $case: 'data', value: { chunk, length: chunk.length } } as const;
    for (let sent = 0; sent < 60; sent++) stream.write({ message }, () => taken++);
    stream.end({ message: { $case: 'done', value: {} } });

    await settled(() => taken);
    expect(taken).toBeLessThan(40);
    engine.resolve();
    expect(await over).toMatchObject({ code: status.OK });
    expect(loaded).toBe(60 << 20);
  });

  it('takes a chunk of 49 MiB, and refuses a message above 50', async () => {
    const send = (bytes: number) => {
      const stream = client.loadImage();
      const over = ending(stream);
      stream.resume();
      stream.write({ message: { $case: 'init', value: { imageId: 'sha256:big' } } });
      stream.write({ message: { $case: 'data', value: { chunk: Buffer.alloc(bytes), length: bytes } } });
      stream.end({ message: { $case: 'done', value: {} } });
      return over;
    };
    expect(await send(49 << 20)).toMatchObject({ code: status.OK });
    expect(service.images.get('sha256:big')).toHaveLength(49 << 20);
    expect(await send(51 << 20)).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });

  it('lets clients far away send ahead, more than the 64 KiB that Node gives them', async () => {
    const session = connectHttp2(`http://${server.address}`);
    onTestFinished(() => session.destroy());
    session
      .request({ ':method': 'POST', ':path': '/proto.Alfred/LoadImage', 'content-type': 'application/grpc' })
      .on('error', () => undefined);
    await vi.waitFor(() => {
      expect(session.remoteSettings.initialWindowSize).toBe(4 << 20);
      expect(session.state.remoteWindowSize).toBe(4 << 20);
    });
    session.destroy();
  });

  it('ends the load when the client leaves', async () => {
    const seen = Promise.withResolvers<AbortSignal>();
    const outcome = Promise.withResolvers<unknown>();
    await serveInstead({
      loadImage: async (_, archive, signal) => {
        seen.resolve(signal);
        await Array.fromAsync(archive).then(outcome.resolve, outcome.resolve);
        return ok(undefined);
      },
    });
    const stream = client.loadImage();
    stream.on('error', () => undefined);
    stream.write({ message: { $case: 'init', value: { imageId: 'sha256:big' } } });
    const signal = await seen.promise;
    stream.cancel();
    expect(await outcome.promise).toBeInstanceOf(Error);
    await vi.waitFor(() => expect(signal.aborted).toBe(true));
  });
});

describe('a bug in the service', () => {
  it('is logged, told without details, and the server goes on', async () => {
    const log = { ...silentLog, error: vi.fn() };
    await serveInstead({ cancelJob: () => Promise.reject(new TypeError('undefined is not a job')) }, log);
    await expect(call(client.cancelJob, { name: 'tests-red-fox' })).rejects.toMatchObject({
      code: status.INTERNAL,
      details: 'the server failed at /proto.Alfred/CancelJob; its log says why',
    });
    expect(log.error).toHaveBeenCalledOnce();
    expect(await call(client.ping, {})).toMatchObject({ version: '1.2.3' });
  });
});

describe('stopping', () => {
  it('lets go of the watchers, which hear that it was no success', async () => {
    service.jobs.set('tests-red-fox', new BehaviorSubject(jobStatus()));
    const watchers = [client.watchJob({ name: 'tests-red-fox' }), client.watchJobs({}), client.watchStatus({})];
    for (const watcher of watchers) await next(watcher as ClientReadableStream<unknown>);
    const endings = watchers.map(ending);

    await server.stop(10_000);

    for (const end of endings)
      expect(await end).toMatchObject({ code: status.UNAVAILABLE, details: 'the server is shutting down' });
  });

  it('waits for calls that end in time, and cuts off those that do not', async () => {
    const last = Promise.withResolvers<void>();
    await serveInstead({
      cancelJob: async () => {
        await last.promise;
        return ok(undefined);
      },
      cancelTask: () => new Promise(() => undefined),
    });
    const inTime = call(client.cancelJob, { name: 'tests-red-fox' });
    const never = call(client.cancelTask, { job: 'tests-red-fox', task: 'unit' });
    never.catch(() => undefined);
    await vi.waitFor(() => call(client.ping, {}));

    const stopped = server.stop(300);
    last.resolve();

    expect(await inTime).toEqual({});
    await expect(never).rejects.toMatchObject({ name: 'Error' });
    await stopped;
  });
});

describe('health checks', () => {
  let health: HealthClient;
  beforeEach(() => {
    health = new HealthClient(server.address, credentials.createInsecure());
  });
  afterEach(() => health.close());

  const check = (name: string) =>
    new Promise((resolve, reject) => {
      health.check({ service: name }, (error, response) => (error === null ? resolve(response) : reject(error)));
    });

  it('tell that the server and its service serve, and know no other', async () => {
    expect(await check('')).toEqual({ status: Serving.SERVING });
    expect(await check('proto.Alfred')).toEqual({ status: Serving.SERVING });
    await expect(check('proto.Batman')).rejects.toMatchObject({ code: status.NOT_FOUND });
    const list = await new Promise(resolve => health.list({}, (_, response) => resolve(response)));
    expect(list).toEqual({ statuses: { '': { status: Serving.SERVING }, 'proto.Alfred': { status: Serving.SERVING } } });
  });

  it('tell watchers when the server stops', async () => {
    const watching = health.watch({ service: 'proto.Alfred' });
    expect(await next(watching)).toEqual([{ status: Serving.SERVING }]);
    await server.stop(5_000);
    expect(await all(watching)).toEqual([{ status: Serving.NOT_SERVING }]);
  });
});

describe('reflection', () => {
  const ask = async (
    messageRequest: ServerReflectionRequest['messageRequest'],
  ): Promise<ServerReflectionResponse['messageResponse']> => {
    const reflection = new ServerReflectionClient(server.address, credentials.createInsecure());
    onTestFinished(() => reflection.close());
    const stream = reflection.serverReflectionInfo();
    stream.end({ host: '', messageRequest });
    const [answer] = await Array.fromAsync(stream as AsyncIterable<ServerReflectionResponse>);
    return answer?.messageResponse;
  };

  const fileNames = (answer: ServerReflectionResponse['messageResponse']) =>
    answer?.$case === 'fileDescriptorResponse'
      ? answer.value.fileDescriptorProto.map(bytes => /\w[\w/]*\.proto/.exec(bytes.toString())?.[0])
      : answer;

  it('lists the services', async () => {
    expect(await ask({ $case: 'listServices', value: '*' })).toEqual({
      $case: 'listServicesResponse',
      value: {
        service: [{ name: 'proto.Alfred' }, { name: 'grpc.health.v1.Health' }, { name: 'grpc.reflection.v1.ServerReflection' }],
      },
    });
  });

  it('hands out a contract with all that it imports', async () => {
    const contract = ['alfred.proto', 'google/protobuf/duration.proto', 'google/protobuf/timestamp.proto'];
    expect(fileNames(await ask({ $case: 'fileContainingSymbol', value: 'proto.Alfred' }))).toEqual(contract);
    expect(fileNames(await ask({ $case: 'fileContainingSymbol', value: 'proto.Alfred.Ping' }))).toEqual(contract);
    expect(fileNames(await ask({ $case: 'fileContainingSymbol', value: 'proto.Job.Service.Health' }))).toEqual(contract);
    expect(fileNames(await ask({ $case: 'fileByFilename', value: 'alfred.proto' }))).toEqual(contract);
  });

  it('knows what it does not know', async () => {
    expect(await ask({ $case: 'fileContainingSymbol', value: 'proto.Batman' })).toMatchObject({
      $case: 'errorResponse',
      value: { errorCode: status.NOT_FOUND },
    });
    expect(await ask({ $case: 'fileByFilename', value: 'x.proto' })).toMatchObject({ $case: 'errorResponse' });
    expect(await ask({ $case: 'allExtensionNumbersOfType', value: 'proto.Job' })).toMatchObject({ $case: 'errorResponse' });
    expect(await ask(undefined)).toMatchObject({ $case: 'errorResponse', value: { errorCode: status.INVALID_ARGUMENT } });
  });
});
