/** The LoadImage conversation, the client's half: `init`, then, when the server wants the image, `data`… and `done`. */
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { packed } from './codec/chunk.ts';
import { clientErrorOf, type Peer } from './codes.ts';
import { type LoadImageMessage, type LoadImageResponse, LoadImageResponse_Status } from './generated/alfred.ts';
import { CHUNK_BYTES } from './limits.ts';

type Call = ClientDuplexStream<LoadImageMessage, LoadImageResponse>;

/** Marks what went wrong on the caller's side, among all that a pipeline may reject with. */
class ArchiveError extends Error {
  override readonly name = 'ArchiveError';

  constructor(cause: unknown) {
    super('the archive could not be read', { cause });
  }
}

/** Sends an image unless the server has it. Rejects as the client port says, with the archive's own error, or the signal's reason. */
export const upload = async (
  peer: Peer,
  open: () => Call,
  imageId: string,
  archive: () => AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<'present' | 'loaded'> => {
  signal.throwIfAborted();
  const call = open();
  const answer = Promise.withResolvers<LoadImageResponse>();

  async function* messages(): AsyncGenerator<LoadImageMessage> {
    yield { message: { $case: 'init', value: { imageId } } };
    const { status, chunkSize } = await answer.promise;
    if (status === LoadImageResponse_Status.OK) return;
    try {
      for await (const chunk of packed(archive(), chunkBytesFor(chunkSize)))
        yield { message: { $case: 'data', value: { chunk, length: chunk.length } } };
    } catch (cause) {
      throw new ArchiveError(cause);
    }
    yield { message: { $case: 'done', value: {} } };
  }

  const takeAnswers = async (answers: AsyncIterable<LoadImageResponse>): Promise<void> => {
    for await (const response of answers) answer.resolve(response);
  };

  try {
    // A Duplex of node's in all but its types, which are of messages instead of bytes.
    await pipeline(messages, call as unknown as Duplex, takeAnswers, { signal });
    return (await answer.promise).status === LoadImageResponse_Status.OK ? 'present' : 'loaded';
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ArchiveError) throw error.cause;
    throw clientErrorOf(error, peer);
  } finally {
    call.cancel();
  }
};

/** As the server asks, but never larger than what is fastest. */
const chunkBytesFor = (asked: number | undefined): number => Math.min(asked || CHUNK_BYTES, CHUNK_BYTES);
