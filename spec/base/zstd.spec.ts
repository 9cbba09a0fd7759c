import { randomBytes } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compress, decompress, ZstdError } from '../../src/base/zstd.ts';

const MIB = 1 << 20;

async function* streamOf(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

const gather = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => Buffer.concat(await Array.fromAsync(source));

/** Text that compresses, and differs from place to place. */
const text = (bytes: number): Buffer =>
  Buffer.from(Array.from({ length: Math.ceil(bytes / 8) }, (_, line) => `line ${line}\n`).join('')).subarray(0, bytes);

const inPieces = (bytes: Uint8Array, length: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, piece) => bytes.subarray(piece * length, (piece + 1) * length));

describe('a compressed stream', { timeout: 60_000 }, () => {
  it('holds what went in, in order, whatever the pieces were', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 2_000 })),
        fc.integer({ min: 1, max: 500 }),
        async (chunks, length) => {
          const compressed = await gather(compress(streamOf(...chunks)));
          const restored = await gather(decompress(streamOf(...inPieces(compressed, length))));
          expect(restored.equals(Buffer.concat(chunks))).toBe(true);
        },
      ),
    );
  });

  it('is several frames where the source is longer than one, and any decoder reads them', async () => {
    const content = text(11 * MIB);
    const compressed = await gather(compress(streamOf(...inPieces(content, 3 * MIB))));
    const magics = compressed.toString('latin1').split('\x28\xb5\x2f\xfd').length - 1;
    expect(magics).toBe(3);
    expect(zstdDecompressSync(compressed).equals(content)).toBe(true);
    expect((await gather(decompress(streamOf(compressed)))).equals(content)).toBe(true);
  });

  it('may come from a source that reuses its buffer', async () => {
    const buffer = Buffer.alloc(MIB);
    const source = async function* () {
      for (let round = 0; round < 9; round += 1) yield buffer.fill(round);
    };
    const restored = await gather(decompress(compress(source())));
    expect(restored).toHaveLength(9 * MIB);
    expect(inPieces(restored, MIB).map(piece => [piece[0], piece.at(-1)])).toEqual(Array.from({ length: 9 }, (_, n) => [n, n]));
  });

  it('is read no faster than it is taken: a slow reader costs a few frames of memory', async () => {
    let read = 0;
    const source = async function* () {
      for (; read < 200; read += 1) yield Buffer.alloc(MIB);
    };
    const compressed = compress(source());
    await compressed.next();
    expect(read).toBeLessThanOrEqual(20);
    await compressed.return(undefined);
  });

  it.each([
    ['compressing', compress],
    ['decompressing', decompress],
  ])('ends its source when one stops %s', async (_, transform) => {
    let ended: () => void;
    const hasEnded = new Promise<void>(resolve => {
      ended = resolve;
    });
    const frame = zstdCompressSync(randomBytes(MIB));
    const source = async function* () {
      try {
        for (;;) yield frame;
      } finally {
        ended();
      }
    };
    for await (const chunk of transform(source())) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await hasEnded;
  });

  it.each([
    ['compressing', compress],
    ['decompressing', decompress],
  ])('fails with the error of its source while %s', async (_, transform) => {
    const lost = new Error('connection lost');
    const source = async function* () {
      yield zstdCompressSync('something');
      throw lost;
    };
    await expect(gather(transform(source()))).rejects.toBe(lost);
  });
});

describe('a stream to decompress', { timeout: 60_000 }, () => {
  it('may be made of frames of any kind, empty and skippable ones too', async () => {
    const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const frames = Buffer.concat([
      zstdCompressSync('one '),
      skippable,
      zstdCompressSync(''),
      zstdCompressSync(Buffer.alloc(300_000)),
      zstdCompressSync('two'),
      skippable,
    ]);
    for (const length of [1, 7, frames.length]) {
      const restored = await gather(decompress(streamOf(...inPieces(frames, length))));
      expect(restored.equals(Buffer.concat([Buffer.from('one '), Buffer.alloc(300_000), Buffer.from('two')]))).toBe(true);
    }
  });

  it('is refused where it ends in the middle of a frame, wherever that is', async () => {
    const frame = zstdCompressSync(text(300));
    const whole = Buffer.concat([frame, frame]);
    for (let length = 0; length < whole.length; length += 1) {
      if (length === frame.length) continue;
      await expect(gather(decompress(streamOf(whole.subarray(0, length)))), `${length} bytes`).rejects.toThrow(ZstdError);
    }
    await expect(gather(decompress(streamOf(whole.subarray(0, -1))))).rejects.toThrow('the zstd data ends in the middle');
  });

  it.each([
    ['text', Buffer.from('docker save writes no zstd')],
    ['gzip', Buffer.from('1f8b0800000000000003', 'hex')],
    ['nothing at all', Buffer.alloc(0)],
    ['zeros after the last frame', Buffer.concat([zstdCompressSync('x'), Buffer.alloc(512)])],
  ])('is refused when it is %s', async (_, bytes) => {
    await expect(gather(decompress(streamOf(bytes)))).rejects.toThrow(new ZstdError('this is no zstd data'));
  });

  it('is refused when a bit of it changed', async () => {
    const compressed = await gather(compress(streamOf(text(4_000))));
    compressed.writeUInt8(compressed.readUInt8(compressed.length - 20) ^ 1, compressed.length - 20);
    await expect(gather(decompress(streamOf(compressed)))).rejects.toThrow(ZstdError);
  });
});
