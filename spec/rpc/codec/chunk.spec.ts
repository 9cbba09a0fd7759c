import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkBytes, packed, sliced } from '../../../src/rpc/codec/chunk.ts';

async function* streamOf(pieces: readonly Uint8Array[]) {
  yield* pieces;
}

const anyPieces = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 20 });

describe('the pieces of a file', () => {
  it('are all the same size when packed, but for the last, and lose nothing', () =>
    fc.assert(
      fc.asyncProperty(anyPieces, fc.integer({ min: 1, max: 40 }), async (pieces, size) => {
        const sent = await Array.fromAsync(packed(streamOf(pieces), size));

        expect(Buffer.concat(sent)).toEqual(Buffer.concat(pieces));
        expect(sent.slice(0, -1).every(({ length }) => length === size)).toBe(true);
        expect(sent.every(({ length }) => length > 0 && length <= size)).toBe(true);
      }),
    ));

  it('go on as they come when sliced, only never larger than asked', () =>
    fc.assert(
      fc.asyncProperty(anyPieces, fc.integer({ min: 1, max: 40 }), async (pieces, size) => {
        const sent = await Array.fromAsync(sliced(streamOf(pieces), size));

        expect(Buffer.concat(sent)).toEqual(Buffer.concat(pieces));
        expect(sent.length).toBe(pieces.reduce((sum, { length }) => sum + Math.ceil(length / size), 0));
      }),
    ));

  it('count as far as their length says, whole where it says nothing, and not at all where it promises more', () => {
    const data = Buffer.from('abc');
    expect(chunkBytes({ data, length: 3 })).toEqual(data);
    expect(chunkBytes({ data, length: 2 })).toEqual(Buffer.from('ab'));
    expect(chunkBytes({ data, length: 0 })).toEqual(data);
    expect(chunkBytes({ data, length: 4 })).toBeNull();
  });
});
