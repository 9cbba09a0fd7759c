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
  // Whatever waits is freed by this: the answer that does not come, the archive that yields nothing for a while.
  const broken = new Promise<never>((_, reject) => {
    call.on('error', reject);
    signal.addEventListener('abort', reject, { once: true });
  });
  const first = Promise.withResolvers<LoadImageResponse>();
  const answer = Promise.race([first.promise, broken]);
  // Nobody waits for it when the call breaks before it began.
  answer.catch(() => undefined);

  async function* messages(): AsyncGenerator<LoadImageMessage> {
    yield { message: { $case: 'init', value: { imageId } } };
    const { status, chunkSize } = await answer;
    if (status === LoadImageResponse_Status.OK) return;
    for await (const chunk of packed(blaming(archive()), chunkBytesFor(chunkSize)))
      yield { message: { $case: 'data', value: { chunk, length: chunk.length } } };
    yield { message: { $case: 'done', value: {} } };
  }
  const takeAnswers = async (answers: AsyncIterable<LoadImageResponse>): Promise<void> => {
    for await (const response of answers) first.resolve(response);
  };

  try {
    // A Duplex of node's in all but its types, which are of messages instead of bytes.
    await Promise.race([pipeline(messages, call as unknown as Duplex, takeAnswers), broken]);
    return (await answer).status === LoadImageResponse_Status.OK ? 'present' : 'loaded';
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ArchiveError) throw error.cause;
    throw clientErrorOf(error, peer);
  } finally {
    call.cancel();
  }
};

/** Passes an archive on, and marks what goes wrong with it. */
async function* blaming(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* archive;
  } catch (cause) {
    throw new ArchiveError(cause);
  }
}

/** As the server asks, but never larger than what is fastest. */
const chunkBytesFor = (asked: number | undefined): number => Math.min(asked || CHUNK_BYTES, CHUNK_BYTES);
