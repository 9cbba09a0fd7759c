/** `Exec` over the wire, from one end to the other: the command is what the spec says. */
import { PassThrough } from 'node:stream';
import { NEVER, Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import type { ExecEnd, ExecOutput, ExecRequest, RunningCommand, TerminalSize } from '../../src/domain/exec.ts';
import { ok, refuse } from '../../src/domain/refusal.ts';
import { connectClient } from '../../src/rpc/client.ts';
import type { CommandEnds } from '../../src/rpc/client-port.ts';
import { startRpcServer } from '../../src/rpc/server.ts';
import { memoryService } from './memory-service.ts';
import { silentLog } from './silent-log.ts';

/** A machine that does much else at the same time is slow, not wrong. */
vi.setConfig({ testTimeout: 30_000 });

const request = { jobId: 'nightly-red-fox', taskName: 'unit', command: ['cat', '-'], terminal: null } as const;
const never = new AbortController().signal;

type Script = {
  readonly output: AsyncIterable<ExecOutput>;
  readonly end?: ExecEnd;
  readonly write?: RunningCommand['write'];
  readonly endInput?: () => void;
  readonly resize?: RunningCommand['resize'];
};

/** A server whose every command goes by the script, and a client of it. */
const connect = async (script: (signal: AbortSignal) => Script) => {
  const requests: ExecRequest[] = [];
  const signals: AbortSignal[] = [];
  const service = memoryService({
    exec: async (asked, signal) => {
      requests.push(asked);
      signals.push(signal);
      const { end = { type: 'exited', code: 0 }, ...command } = script(signal);
      return ok({ write: async () => {}, endInput: () => {}, resize: async () => {}, ended: async () => end, ...command });
    },
  });
  const errors: string[] = [];
  const log = { ...silentLog, error: (_: object, message: string) => void errors.push(message) };
  const server = await startRpcServer({ service, listen: '127.0.0.1:0', log });
  const client = connectClient({ address: server.address });
  const stop = async (): Promise<void> => {
    await client.close();
    await server.stop(0);
    // Clients come and go: none of it is an error of the server.
    expect(errors).toEqual([]);
  };
  return { client, server, requests, signals, [Symbol.asyncDispose]: stop };
};

/** The client's side of a command, with what came out of it. */
const openEnds = (changes: Partial<CommandEnds> = {}) => {
  const input = new PassThrough();
  const written: Record<ExecOutput['stream'], Buffer[]> = { stdout: [], stderr: [] };
  const started = Promise.withResolvers<void>();
  const ends: CommandEnds = {
    onStarted: started.resolve,
    input,
    size$: NEVER,
    write: async ({ stream, bytes }) => void written[stream].push(Buffer.from(bytes)),
    ...changes,
  };
  const of = (stream: ExecOutput['stream']): Buffer => Buffer.concat(written[stream]);
  return { ends, input, started: started.promise, stdout: () => of('stdout'), stderr: () => of('stderr') };
};

const stdout = (bytes: Uint8Array): ExecOutput => ({ stream: 'stdout', bytes });

/** Goes on until the command is hung up on. */
async function* silence(signal: AbortSignal): AsyncGenerator<ExecOutput> {
  await new Promise(resolve => signal.addEventListener('abort', resolve));
}

/** Like `cat`: writes what it reads, until there is no more. */
const echo = (): Script => {
  const pipe = new PassThrough();
  async function* output(): AsyncGenerator<ExecOutput> {
    for await (const bytes of pipe) yield stdout(bytes);
  }
  return {
    output: output(),
    write: bytes => new Promise(resolve => pipe.write(bytes, () => resolve())),
    endInput: () => void pipe.end(),
  };
};

describe('a command in a task', () => {
  it('gets every byte of its input, and every byte of its output comes back', async () => {
    await using wire = await connect(echo);
    const { ends, input, stdout } = openEnds();
    const bytes = Buffer.from(Array.from({ length: 5 << 20 }, (_, index) => (index * 7919) & 255));
    input.end(bytes);
    expect(await wire.client.exec(request, ends, never)).toBe(0);
    expect(stdout().equals(bytes)).toBe(true);
    expect(wire.requests).toEqual([request]);
  });

  it('has two outputs that stay apart, and its exit code is told', async () => {
    async function* output(): AsyncGenerator<ExecOutput> {
      yield { stream: 'stderr', bytes: Buffer.from('no such file\n') };
      yield stdout(Buffer.from('the rest\n'));
    }
    await using wire = await connect(() => ({ output: output(), end: { type: 'exited', code: 137 } }));
    const { ends, stdout: out, stderr } = openEnds();
    expect(await wire.client.exec(request, ends, never)).toBe(137);
    expect([out().toString(), stderr().toString()]).toEqual(['the rest\n', 'no such file\n']);
  });

  it('hears of the size of its terminal, at its start and whenever it changes', async () => {
    const resized = Promise.withResolvers<TerminalSize>();
    await using wire = await connect(signal => ({ output: silence(signal), resize: async size => resized.resolve(size) }));
    const size$ = new Subject<TerminalSize>();
    const { ends, started } = openEnds({ size$ });
    const leaving = new AbortController();
    const terminal = { columns: 80, rows: 24 };
    const running = wire.client.exec({ ...request, terminal }, ends, leaving.signal);
    await started;
    size$.next({ columns: 120, rows: 50 });
    expect(await resized.promise).toMatchObject({ columns: 120, rows: 50 });
    expect(wire.requests).toMatchObject([{ terminal }]);
    leaving.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });

  it('waits with its output while the client does not read', async () => {
    let produced = 0;
    async function* output(): AsyncGenerator<ExecOutput> {
      for (const piece of Array.from({ length: 200 }, () => Buffer.alloc(64 << 10))) {
        produced += 1;
        yield stdout(piece);
      }
    }
    await using wire = await connect(() => ({ output: output() }));
    const gate = Promise.withResolvers<void>();
    let received = 0;
    const { ends } = openEnds({
      write: async ({ bytes }) => {
        await gate.promise;
        received += bytes.length;
      },
    });
    const running = wire.client.exec(request, ends, never);
    // Full are the windows and the buffers in between, and there it stays.
    await vi.waitFor(() => expect(produced).toBeGreaterThan(2));
    let before = -1;
    await vi.waitFor(
      () => {
        const now = produced;
        const isStill = now === before;
        before = now;
        expect(isStill).toBe(true);
      },
      { interval: 300, timeout: 20_000 },
    );
    expect(produced).toBeLessThan(150);
    gate.resolve();
    expect(await running).toBe(0);
    expect(received).toBe(200 * (64 << 10));
  });

  it('is hung up on when the client goes', async () => {
    await using wire = await connect(signal => ({ output: silence(signal) }));
    const { ends, started } = openEnds();
    const leaving = new AbortController();
    const running = wire.client.exec(request, ends, leaving.signal);
    await started;
    leaving.abort(new Error('gone'));
    await expect(running).rejects.toThrow('gone');
    await vi.waitFor(() => expect(wire.signals[0]?.aborted).toBe(true));
  });

  it('that was taken along by the end of its step is a refusal in plain words, not an exit code', async () => {
    await using wire = await connect(() => ({ output: (async function* () {})(), end: { type: 'containerEnded' } }));
    const running = wire.client.exec(request, openEnds().ends, never);
    await expect(running).rejects.toMatchObject({ name: 'ServerRefusedError', message: expect.stringMatching(/step .* ended/) });
  });

  it('ends with the server, which is told as a connection that broke', async () => {
    await using wire = await connect(signal => ({ output: silence(signal) }));
    const { ends, started } = openEnds();
    const running = wire.client.exec(request, ends, never);
    running.catch(() => undefined);
    await started;
    await wire.server.stop(5_000);
    await expect(running).rejects.toMatchObject({ name: 'ServerUnreachableError' });
    expect(wire.signals[0]?.aborted).toBe(true);
  });

  it.each([
    ['a name that is none', { ...request, jobId: '../x' }],
    ['a task that is none', { ...request, taskName: '-' }],
  ])('is refused for %s, before anything is started', async (_, wrong) => {
    await using wire = await connect(echo);
    const running = wire.client.exec(wrong, openEnds().ends, never);
    await expect(running).rejects.toMatchObject({ name: 'ServerRefusedError', reason: 'invalid' });
    expect(wire.requests).toEqual([]);
  });
});

it('a task in which no step runs is a refusal with the reason, and its input is never read', async () => {
  const service = memoryService({ exec: async () => refuse('notRunning', 'unit has no step yet: try again soon') });
  const server = await startRpcServer({ service, listen: '127.0.0.1:0', log: silentLog });
  const client = connectClient({ address: server.address });
  const { ends, input } = openEnds();
  input.write('secret');
  await expect(client.exec(request, ends, never)).rejects.toThrow('unit has no step yet: try again soon');
  expect(input.readableLength).toBe('secret'.length);
  await client.close();
  await server.stop(0);
});
