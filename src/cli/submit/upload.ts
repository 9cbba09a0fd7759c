import { formatBytes, formatElapsed, percent } from '../../base/figures.ts';
import { compress } from '../../base/zstd.ts';
import type { AlfredClient } from '../../rpc/client-port.ts';
import { clockOf } from '../clock.ts';
import type { Context } from '../context.ts';
import type { Phase, Phases } from '../phases.ts';

/** An image, and what to call it. */
export type NamedImage = { readonly imageId: string; readonly name: string };

/** Sends the images that the server lacks, one after the other: they share the line. */
export const uploadImages = async (
  context: Context,
  phases: Phases,
  client: AlfredClient,
  images: readonly NamedImage[],
): Promise<void> => {
  for (const image of images) await uploadImage(context, phases, client, image);
};

const uploadImage = async (
  context: Context,
  phases: Phases,
  client: AlfredClient,
  { imageId, name }: NamedImage,
): Promise<void> => {
  const { io, doors } = context;
  const clock = clockOf(context);
  const phase = phases.start(`uploading ${name}`);
  const progress = trackProgress(phase, () => clock.now());
  const archive = async function* (): AsyncGenerator<Uint8Array> {
    progress.expect(await doors.imageBytes(imageId, io.signal));
    yield* progress.sent(compress(progress.read(doors.saveImage(imageId, io.signal))));
  };
  const result = await client.uploadImage(imageId, archive, io.signal);
  phase.done(result === 'present' ? `the server has ${name} already` : `uploaded ${name}: ${progress.total()}`);
};

/**
 * Counts at two places: what is sent, and how much of the image that stands for, which tells how far it is. The size of the
 * whole is the engine's own figure, near that of the archive but not the same: hence the `~`.
 */
const trackProgress = (phase: Phase, now: () => number) => {
  const startedAt = now();
  let expected: number | null = null;
  let read = 0;
  let sent = 0;

  const rate = (): string => `${formatBytes((sent * 1_000) / Math.max(1, now() - startedAt))}/s`;
  const share = (): string => (expected === null ? '' : `  ~${Math.min(99, percent(read, expected))}%`);

  return {
    expect: (bytes: number | null): void => {
      expected = bytes;
    },
    read: async function* (archive: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of archive) {
        read += chunk.length;
        yield chunk;
      }
    },
    sent: async function* (compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of compressed) {
        yield chunk;
        sent += chunk.length;
        phase.detail(`${formatBytes(sent)}  ${rate()}${share()}`);
      }
      phase.detail(`${formatBytes(sent)} sent, the server loads it`);
    },
    total: (): string => `${formatBytes(sent)} in ${formatElapsed(now() - startedAt)}, ${rate()}`,
  };
};
