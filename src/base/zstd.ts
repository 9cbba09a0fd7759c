/**
 * zstd streams, in and out: artifacts, images on their way to a node, downloads. Not for anything small enough to compress at
 * once. Both directions are async iterables: leaving the loop early ends the source too.
 */
import { availableParallelism } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { constants, createZstdDecompress, type ZstdOptions, zstdCompress } from 'node:zlib';

/**
 * Bytes of input that become one frame. Frames are independent, so each is compressed on a thread of its own; smaller ones
 * cost ratio, larger ones memory.
 */
const FRAME_BYTES = 4 << 20;

/** Frames under way: one for each core and one to come. Not more than the threads of libuv's pool, which file reads share. */
const FRAMES_AT_ONCE = Math.min(4, availableParallelism() + 1);

/** Of what the coder hands over at a time; Node's default of 16 KiB halves the throughput. */
const CHUNK_BYTES = 1 << 20;

const COMPRESS_OPTIONS: ZstdOptions = {
  chunkSize: CHUNK_BYTES,
  // Never ZSTD_c_nbWorkers here: with it Node's binding writes damaged frames.
  params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
};

/** What came is no zstd stream, or not all of it, or not what was once compressed. */
export class ZstdError extends Error {
  override readonly name = 'ZstdError';
}

const compressFrame = promisify<Uint8Array, ZstdOptions, Buffer>(zstdCompress);

/**
 * The source as a zstd stream of frames of {@link FRAME_BYTES}, each with a checksum; an empty source as one empty frame.
 * Holds twice {@link FRAMES_AT_ONCE} frames in memory at most.
 */
export async function* compress(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const underWay: Promise<Uint8Array>[] = [];
  for await (const block of inBlocks(source)) {
    const frame = compressFrame(block, COMPRESS_OPTIONS);
    // Whoever leaves early never looks at it.
    frame.catch(() => undefined);
    underWay.push(frame);
    if (underWay.length >= FRAMES_AT_ONCE) yield await (underWay.shift() as Promise<Uint8Array>);
  }
  for (const frame of underWay) yield await frame;
}

/** The source cut into blocks of {@link FRAME_BYTES}, the last one shorter; at least one. Copies: a source may reuse its buffer. */
async function* inBlocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let block = Buffer.allocUnsafeSlow(FRAME_BYTES);
  let filled = 0;
  let isFirst = true;
  for await (const chunk of source) {
    for (let from = 0; from < chunk.length; ) {
      if (filled === FRAME_BYTES) {
        yield block;
        isFirst = false;
        block = Buffer.allocUnsafeSlow(FRAME_BYTES);
        filled = 0;
      }
      const part = chunk.subarray(from, from + FRAME_BYTES - filled);
      block.set(part, filled);
      filled += part.length;
      from += part.length;
    }
  }
  if (filled > 0 || isFirst) yield block.subarray(0, filled);
}

/**
 * What a zstd stream of one or many frames holds, whoever made it. Throws {@link ZstdError} where it is no zstd, damaged, or
 * ends in the middle of a frame; an end between two frames looks like any other end, so that what is inside must know its
 * own. Errors of the source come through as they are.
 */
export async function* decompress(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = createZstdDecompress({ chunkSize: CHUNK_BYTES });
  // Its errors destroy the decoder, whose reader hears of them below.
  pipeline(wholeFrames(source), decoder).catch(() => undefined);
  try {
    yield* decoder;
  } catch (cause) {
    throw isCoderError(cause) ? new ZstdError(`the zstd data is damaged: ${cause.message}`, { cause }) : cause;
  }
}

const isCoderError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(ZSTD|Z)_/.test(error.code);

/**
 * Passes the source on, and throws {@link ZstdError} where a frame does not begin as one or the source ends inside one. Node's
 * decoder takes anything for the end that follows a frame and is no frame, or is less than a frame's first four bytes.
 */
async function* wholeFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const frames = followFrames();
  for await (const chunk of source) {
    frames.pass(chunk);
    yield chunk;
  }
  frames.end();
}

/** The parts of a stream that have a header each (RFC 8878, section 3.1): what to read there, and how many bytes follow it. */
type Part = { readonly headerBytes: number; readonly read: (header: Buffer) => { readonly skip: number; readonly next: Part } };

const MAGIC = 0xfd2f_b528;
const SKIPPABLE_MAGIC = 0x184d_2a50;
const CHECKSUM_BYTES = 4;

const FRAME: Part = {
  headerBytes: 5,
  read: header => {
    const magic = header.readUInt32LE(0);
    if (magic >>> 4 === SKIPPABLE_MAGIC >>> 4) return { skip: 0, next: skippable(header.readUInt8(4)) };
    if (magic !== MAGIC) throw new ZstdError('this is no zstd data');
    const descriptor = header.readUInt8(4);
    const isSingleSegment = (descriptor & 0x20) !== 0;
    const contentSizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0;
    const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
    return {
      skip: contentSizeBytes + dictionaryIdBytes + (isSingleSegment ? 0 : 1),
      next: block((descriptor & 4) === 0 ? 0 : CHECKSUM_BYTES),
    };
  },
};

/** The rest of a skippable frame's size; its lowest byte is read already. */
const skippable = (sizeLowest: number): Part => ({
  headerBytes: 3,
  read: header => ({ skip: header.readUIntLE(0, 3) * 0x100 + sizeLowest, next: FRAME }),
});

const block = (bytesAfterLast: number): Part => ({
  headerBytes: 3,
  read: header => {
    const fields = header.readUIntLE(0, 3);
    const isRepeatedByte = ((fields >>> 1) & 3) === 1;
    const size = isRepeatedByte ? 1 : fields >>> 3;
    return (fields & 1) === 1 ? { skip: size + bytesAfterLast, next: FRAME } : { skip: size, next: block(bytesAfterLast) };
  },
});

/** Walks from header to header; `end` throws unless the stream stands between two frames. */
function followFrames(): { pass(chunk: Uint8Array): void; end(): void } {
  let part = FRAME;
  let toSkip = 0;
  let header: number[] = [];
  let hasFrame = false;
  return {
    pass: chunk => {
      for (let at = 0; at < chunk.length; ) {
        if (toSkip > 0) {
          const skipped = Math.min(toSkip, chunk.length - at);
          toSkip -= skipped;
          at += skipped;
          continue;
        }
        header.push(chunk[at] as number);
        at += 1;
        if (header.length < part.headerBytes) continue;
        hasFrame = true;
        ({ skip: toSkip, next: part } = part.read(Buffer.from(header)));
        header = [];
      }
    },
    end: () => {
      if (!hasFrame) throw new ZstdError('this is no zstd data');
      if (part !== FRAME || toSkip > 0 || header.length > 0) throw new ZstdError('the zstd data ends in the middle');
    },
  };
}
