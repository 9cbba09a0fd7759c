/** Pieces of files on the wire. */

/**
 * The bytes of a chunk that count; `null` where it promises more than it carries, so it was cut on its way. Some clients send
 * their whole buffer and say how much of it is meant; others leave the length out.
 */
export const chunkBytes = (chunk: { readonly data: Buffer; readonly length: number }): Buffer | null => {
  if (chunk.length === 0 || chunk.length === chunk.data.length) return chunk.data;
  return chunk.length < chunk.data.length ? chunk.data.subarray(0, chunk.length) : null;
};

/** Cuts a stream into pieces of at most `size` bytes, each passed on as it comes: a live log is not held back. */
export async function* sliced(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  for await (const piece of source)
    for (let start = 0; start < piece.length; start += size) yield view(piece.subarray(start, start + size));
}

/** Makes a stream of pieces of `size` bytes, the last one of what is left: fewest messages for a file. */
export async function* packed(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const piece of sliced(source, size)) {
    const room = size - bytes;
    waiting.push(piece.subarray(0, room));
    bytes += piece.length;
    if (bytes < size) continue;
    yield join(waiting);
    const rest = piece.subarray(room);
    waiting = rest.length > 0 ? [rest] : [];
    bytes = rest.length;
  }
  if (bytes > 0) yield join(waiting);
}

const view = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength);

const join = (pieces: readonly Buffer[]): Buffer => {
  const [only, ...others] = pieces;
  return only !== undefined && others.length === 0 ? only : Buffer.concat(pieces);
};
