import type { LogPiece, LogPosition } from '../../src/domain/task-log.ts';

/** A piece of a log, as from a server that says where its text stands, or from an older one. */
export const logText = (text: string | Uint8Array, position: LogPosition | null = null): LogPiece => ({
  data: Buffer.from(text),
  position,
});

/** All of a log's text. */
export const readLog = async (log: AsyncIterable<LogPiece>): Promise<Buffer> =>
  Buffer.concat((await Array.fromAsync(log)).map(({ data }) => data));
