import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDemultiplexer } from '../../src/docker/log-frames.ts';
import { cutAt, frameBytes } from './frames.ts';

const message = fc.record({
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  bytes: fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes)),
});

describe("the engine's stream of frames", () => {
  it('comes apart into its messages, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.nat(400)), (messages, cuts) => {
        const demultiplex = createDemultiplexer();
        const whole = Buffer.concat(messages.map(frameBytes));
        expect(cutAt(whole, cuts).flatMap(demultiplex)).toEqual(messages);
      }),
    );
  });

  it('says what the engine says when it fails in the middle', () => {
    const failure = Buffer.concat([Buffer.from([3, 0, 0, 0, 0, 0, 0, 9]), Buffer.from('disk gone')]);
    expect(() => createDemultiplexer()(failure)).toThrow('the engine broke off the log: disk gone');
  });
});
