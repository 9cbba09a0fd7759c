import { PassThrough, Readable } from 'node:stream';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineError } from '../../../src/docker/errors.ts';
import { persistently } from '../../../src/docker/transfer/persistently.ts';
import { NodeGoneError, type RemoteHost, UnreachableError } from '../../../src/engine/ports.ts';

/** The waits between attempts, none of which takes any time here. */
const waits = vi.hoisted((): number[] => []);

vi.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number, _value: undefined, { signal }: { readonly signal: AbortSignal }) => {
    waits.push(ms);
    await Promise.resolve();
    signal.throwIfAborted();
  },
}));

beforeEach(() => {
  waits.length = 0;
});

const never = new AbortController().signal;
const broken = () => new EngineError('the connection broke', { transient: true });

/** Answers, unless it is away for as many questions. */
const hostAway = (times: number, reachable: () => Promise<void> = async () => undefined): RemoteHost => {
  let away = times;
  return {
    address: 'node',
    run: async () => {
      away -= 1;
      if (away >= 0) throw new UnreachableError('node does not answer', reachable);
      return { stdin: new PassThrough(), stdout: Readable.from([]), ended: Promise.resolve({ code: 0, stderr: '' }) };
    },
    dialDocker: () => Promise.reject(new Error('nobody dials')),
  };
};

/** Fails with these, one after the other, then works. */
const failing = (...errors: readonly Error[]) => {
  const left = [...errors];
  return vi.fn(async () => {
    const error = left.shift();
    if (error !== undefined) throw error;
    return 'done';
  });
};

describe('what takes a while on a node', () => {
  it('starts anew when the connection breaks', async () => {
    const attempt = failing(broken(), broken());
    expect(await persistently(hostAway(0), attempt, never)).toBe('done');
    expect(attempt).toHaveBeenCalledTimes(3);
  });

  it('is given up after six attempts on a node that could be reached each time', async () => {
    const attempt = failing(...Array.from({ length: 10 }, broken));
    await expect(persistently(hostAway(0), attempt, never)).rejects.toThrow('the connection broke');
    expect(attempt).toHaveBeenCalledTimes(6);
    expect(waits).toEqual([1_000, 2_000, 5_000, 10_000, 30_000]);
  });

  it('is tried as often as it takes while the node is away in between, and at once when it is back', async () => {
    const attempt = vi.fn(failing(...Array.from({ length: 20 }, () => new UnreachableError('away', async () => undefined))));
    let asked = 0;
    const run: RemoteHost['run'] = (...args) => {
      asked += 1;
      return hostAway(asked % 2).run(...args);
    };
    const leaving: RemoteHost = { ...hostAway(0), run };
    expect(await persistently(leaving, attempt, never)).toBe('done');
    expect(attempt).toHaveBeenCalledTimes(21);
    expect(waits).toEqual(Array.from({ length: 20 }, () => 0));
  });

  it('ends at once with any other failure', async () => {
    for (const error of [new Error('no room'), new EngineError('no such image', { status: 404 })]) {
      const attempt = failing(error);
      await expect(persistently(hostAway(0), attempt, never)).rejects.toBe(error);
      expect(attempt).toHaveBeenCalledTimes(1);
    }
  });

  it('ends when the node is gone, and when nobody wants it any more', async () => {
    const gone = hostAway(1, () => Promise.reject(new NodeGoneError('node is gone')));
    await expect(persistently(gone, failing(broken()), never)).rejects.toThrow('node is gone');

    const stop = new AbortController();
    const attempt = vi.fn(async () => {
      if (attempt.mock.calls.length === 2) stop.abort(new Error('cancelled'));
      throw broken();
    });
    await expect(persistently(hostAway(0), attempt, stop.signal)).rejects.toThrow('cancelled');
    expect(attempt).toHaveBeenCalledTimes(2);
  });
});
