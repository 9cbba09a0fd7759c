/** The LoadImage conversation, the server's half: `init`, then CONTINUE or OK, `data`…, `done`. */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { type Result, refuse } from '../domain/refusal.ts';
import { chunkBytes } from './codec/chunk.ts';
import { parseImageId } from './codec/names.ts';
import { type LoadImageMessage, type LoadImageResponse, LoadImageResponse_Status } from './generated/alfred.ts';
import { granted } from './granted.ts';
import { CHUNK_BYTES } from './limits.ts';
import type { AlfredService } from './service.ts';

type Messages = AsyncIterator<LoadImageMessage> & AsyncIterable<LoadImageMessage>;

/**
 * Holds the conversation. The image is never held as a whole: while the engine is slow nothing is read, and the client's window
 * stays full (some 16 chunks wait in between). What the client breaks (no `init`, something else after it, a chunk cut short, no
 * `done`) ends the load before the engine has a whole image, so nothing has changed.
 */
export const loadImage = async (
  service: AlfredService,
  call: ServerDuplexStream<LoadImageMessage, LoadImageResponse>,
  signal: AbortSignal,
): Promise<void> => {
  const messages: Messages = call.iterator({ destroyOnReturn: false });
  const imageId = granted(await readInit(messages));
  if (granted(await service.hasImage(imageId, signal))) {
    call.write({ status: LoadImageResponse_Status.OK });
  } else {
    call.write({ status: LoadImageResponse_Status.CONTINUE, chunkSize: CHUNK_BYTES });
    const upload = readArchive(messages);
    const loaded = await service.loadImage(imageId, upload.archive, signal);
    // The client's fault comes first: it is the reason for whatever the engine said of half an image.
    granted(upload.fault() ?? loaded);
  }
  call.end();
};

const readInit = async (messages: Messages): Promise<Result<string>> => {
  const { value, done } = await messages.next();
  if (done) return refuse('invalid', 'LoadImage starts with init, but the stream ended without a message');
  const { message } = value;
  return message?.$case === 'init'
    ? parseImageId(message.value.imageId)
    : refuse('invalid', `LoadImage starts with init, not with ${message?.$case ?? 'an empty message'}`);
};

/** Ends the engine's reading where the client broke off. */
class BrokenUploadError extends Error {
  override readonly name = 'BrokenUploadError';
}

type Upload = {
  readonly archive: AsyncIterable<Uint8Array>;
  /** What the client did wrong, `null` so far. */
  fault(): Result<never> | null;
};

const readArchive = (messages: Messages): Upload => {
  let fault: Result<never> | null = null;
  const broken = (message: string): Error => {
    fault = refuse('invalid', message);
    return new BrokenUploadError(message);
  };
  async function* archive() {
    for await (const { message } of messages) {
      if (message?.$case === 'done') return;
      if (message?.$case !== 'data') throw broken(`after init come data and done, not ${message?.$case ?? 'an empty message'}`);
      const { chunk: data, length } = message.value;
      const bytes = chunkBytes({ data, length });
      if (bytes === null)
        throw broken(`a chunk of ${length} bytes carries only ${data.length}; nothing was loaded, send the image again`);
      yield bytes;
    }
    throw broken('the image ended without done; nothing was loaded, send it again');
  }
  return { archive: archive(), fault: () => fault };
};
