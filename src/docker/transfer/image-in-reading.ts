import { createGrowth } from './growth.ts';
import type { KeptImage } from './read-archive.ts';
import type { Segment } from './segments.ts';

/** An image of which more and more is there, to be sent while it is read. */
export type ImageInReading = {
  /** All segments from the first one on, each as soon as it begins. Rejects when the reading fails. */
  segments(signal: AbortSignal): AsyncIterable<Segment>;
  /** Resolves when the first segment begins, or there is none. Rejects when the reading fails. */
  begun(signal: AbortSignal): Promise<void>;
  /** Resolves when all is read and checked; rejects when the reading fails. */
  readonly whole: Promise<KeptImage>;
  state(): 'inReading' | 'read' | 'failed';
};

/** Starts `read`, which tells of segments as they begin. */
export const startReading = (read: (onSegment: (segment: Segment) => void) => Promise<KeptImage>): ImageInReading => {
  const begun: Segment[] = [];
  const growth = createGrowth();
  let state: ReturnType<ImageInReading['state']> = 'inReading';

  const whole = read(segment => growth.grow(begun.push(segment)));
  whole.then(
    () => {
      state = 'read';
      growth.end();
    },
    error => {
      state = 'failed';
      growth.fail(error);
    },
  );

  async function* segments(signal: AbortSignal): AsyncGenerator<Segment> {
    for (let used = 0; ; ) {
      const count = await growth.beyond(used, signal);
      if (count === used) return;
      yield* begun.slice(used, count);
      used = count;
    }
  }

  return {
    segments,
    begun: async signal => {
      await growth.beyond(0, signal);
    },
    whole,
    state: () => state,
  };
};
