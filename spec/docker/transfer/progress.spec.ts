import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startProgress } from '../../../src/docker/transfer/progress.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const pass = async (
  through: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
  megabytes: number,
): Promise<void> => {
  for await (const _ of through(Readable.from([Buffer.alloc(megabytes * 1e6)])));
};

describe('how far an image is on its way', () => {
  it('is told at once and each second: megabytes until it is known how many there will be, per cent from then on', async () => {
    const texts: string[] = [];
    let total: number | null = null;
    const progress = startProgress(
      'receiving it',
      () => total,
      text => texts.push(text),
    );
    await pass(progress.count, 20);
    vi.advanceTimersByTime(1_000);
    total = 80e6;
    vi.advanceTimersByTime(1_000);
    await pass(progress.count, 22);
    vi.advanceTimersByTime(1_000);
    expect(texts).toEqual([
      'receiving it 0 MB (0 MB/s)',
      'receiving it 20 MB (20 MB/s)',
      'receiving it 25% (0 MB/s)',
      'receiving it 52% (22 MB/s)',
    ]);
    expect(progress.bytes()).toBe(42e6);
    progress[Symbol.dispose]();
  });

  it('never says more than all, and nothing when it is over', async () => {
    const texts: string[] = [];
    const progress = startProgress(
      'receiving it',
      () => 1e6,
      text => texts.push(text),
    );
    await pass(progress.count, 2);
    vi.advanceTimersByTime(1_000);
    progress[Symbol.dispose]();
    vi.advanceTimersByTime(5_000);
    expect(texts).toEqual(['receiving it 0% (0 MB/s)', 'receiving it 100% (2 MB/s)']);
  });
});
