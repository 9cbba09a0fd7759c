import type { LogFrame } from '../../src/docker/log-frames.ts';

/** A frame as the engine sends it. */
export const frameBytes = ({ stream, bytes }: LogFrame): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream === 'stdout' ? 1 : 2, 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
};

/** The bytes in pieces, cut at these places (taken modulo the length). */
export const cutAt = (bytes: Buffer, places: readonly number[]): readonly Buffer[] => {
  const ends = [...places.map(place => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
};
