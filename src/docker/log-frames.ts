/** One message of a container's log as the engine sends it: the timestamp, a space, a line or a piece of one. */
export type LogFrame = { readonly stream: 'stdout' | 'stderr'; readonly bytes: Buffer };

const HEADER_BYTES = 8;

/** The stream's number in a frame's first byte. 3 carries an error of the engine in the middle of the stream. */
const STDIN_OR_STDOUT = [0, 1];
const STDERR = 2;

/**
 * Takes the engine's multiplexed stream apart, in chunks cut anywhere: feed it every chunk, take the frames that are whole. A frame
 * is an 8-byte header (stream, three zeros, length as a big-endian number) and its payload. Throws when the engine says in the
 * stream that it failed.
 */
export const createDemultiplexer = (): ((chunk: Uint8Array) => readonly LogFrame[]) => {
  let rest: Buffer = Buffer.alloc(0);
  return chunk => {
    const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    const frames: LogFrame[] = [];
    let at = 0;
    while (at + HEADER_BYTES <= bytes.length) {
      const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 4);
      if (end > bytes.length) break;
      frames.push(frameOf(bytes.readUInt8(at), bytes.subarray(at + HEADER_BYTES, end)));
      at = end;
    }
    rest = bytes.subarray(at);
    return frames;
  };
};

const frameOf = (stream: number, bytes: Buffer): LogFrame => {
  if (STDIN_OR_STDOUT.includes(stream)) return { stream: 'stdout', bytes };
  if (stream === STDERR) return { stream: 'stderr', bytes };
  throw new Error(`the engine broke off the log: ${bytes.toString('utf8').trim()}`);
};
