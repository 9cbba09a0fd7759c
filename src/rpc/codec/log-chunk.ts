/** Logs on the wire: pieces whose position both sides know, so that a client can come again and go on. */
import type { LogPiece } from '../../domain/task-log.ts';
import type { StreamTaskLogsChunk } from '../generated/alfred.ts';
import { sliced } from './chunk.ts';

/** Passes pieces on as they come, each cut into chunks of at most `size` bytes with the place where each of them ends. */
export async function* encodeLog(log: AsyncIterable<LogPiece>, size: number): AsyncGenerator<StreamTaskLogsChunk> {
  for await (const { data, position } of log) {
    let left = data.length;
    if (left === 0) yield { data: Buffer.alloc(0), length: 0, position: position ?? undefined };
    for await (const slice of sliced([data], size)) {
      left -= slice.length;
      yield {
        data: slice,
        length: slice.length,
        position: position === null ? undefined : { ...position, offset: position.offset - left },
      };
    }
  }
}

/** `bytes`: those of the chunk that count. */
export const decodeLogPiece = ({ position }: Pick<StreamTaskLogsChunk, 'position'>, bytes: Uint8Array): LogPiece => ({
  data: bytes,
  position: position ?? null,
});
