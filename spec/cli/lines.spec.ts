import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineSplitter } from '../../src/cli/lines.ts';

const split = (...chunks: readonly Uint8Array[]): readonly string[] => {
  const lines: string[] = [];
  const splitter = lineSplitter(line => lines.push(line));
  chunks.forEach(splitter.write);
  splitter.end();
  return lines;
};

describe('lines of a stream', () => {
  it('end with any line end, and the last one without', () => {
    expect(split(Buffer.from('one\ntwo\r\n\nthree'))).toStrictEqual(['one', 'two', '', 'three']);
  });

  it('show what a progress bar drew last', () => expect(split(Buffer.from('10%\r50%\r100%\n'))).toStrictEqual(['100%']));

  it('are the same however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'é', '日', '\n', '\r\n')), fc.array(fc.nat(20)), (characters, cuts) => {
        const whole = Buffer.from(characters.join(''));
        const at = [0, ...cuts.filter(cut => cut < whole.length).toSorted((a, b) => a - b), whole.length];
        const chunks = at.slice(1).map((end, index) => whole.subarray(at[index], end));
        expect(split(...chunks)).toStrictEqual(split(whole));
      }),
    );
  });
});
