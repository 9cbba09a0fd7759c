import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, formatSubnet, freeBlock, overlaps, parseSubnet, prefixFor, type Subnet } from '../../src/docker/subnets.ts';

const subnet = (text: string): Subnet => {
  const parsed = parseSubnet(text);
  if (parsed === null) throw new Error(`${text} is no subnet`);
  return parsed;
};

const anySubnet = fc
  .record({ address: fc.nat({ max: 2 ** 32 - 1 }), prefix: fc.integer({ min: 0, max: 32 }) })
  .map(({ address, prefix }): Subnet => ({ base: address - (address % 2 ** (32 - prefix)), prefix }));

const addressesOf = ({ base, prefix }: Subnet): readonly [first: number, last: number] => [base, base + 2 ** (32 - prefix) - 1];

describe('subnets', () => {
  it('are read as they are printed', () => {
    fc.assert(
      fc.property(anySubnet, block => {
        expect(parseSubnet(formatSubnet(block))).toEqual(block);
      }),
    );
  });

  it('lose their host bits when they are read', () => {
    expect(formatSubnet(subnet('10.83.1.77/28'))).toBe('10.83.1.64/28');
  });

  it.each(['', '10.83.0.0', '10.83.0.0/33', '10.83.0.256/16', 'fd00::/8', '10.83.0.0/16 '])('are not made from %j', text => {
    expect(parseSubnet(text)).toBeNull();
  });

  it('overlap when they share an address', () => {
    fc.assert(
      fc.property(anySubnet, anySubnet, (a, b) => {
        const [[firstA, lastA], [firstB, lastB]] = [addressesOf(a), addressesOf(b)];
        expect(overlaps(a, b)).toBe(firstA <= lastB && firstB <= lastA);
      }),
    );
  });
});

describe("a network's subnet", () => {
  it.each([
    [1, 28],
    [13, 28],
    [14, 27],
    [29, 27],
    [30, 26],
    [200, 24],
  ])('has room for %i containers in a /%i', (containers, prefix) => {
    expect(prefixFor(containers)).toBe(prefix);
  });

  it('is the first that nobody uses, from a place in the range on and around its end', () => {
    const inUse = ['10.83.0.0/28', '172.17.0.0/16', '10.83.0.32/27'].map(subnet);
    expect(freeBlock(subnet('10.83.0.0/16'), 28, inUse, 0)).toEqual(subnet('10.83.0.16/28'));
    expect(freeBlock(subnet('10.83.0.0/16'), 27, inUse, 0)).toEqual(subnet('10.83.0.64/27'));
    expect(freeBlock(subnet('10.83.0.0/16'), 28, inUse, 0.5)).toEqual(subnet('10.83.128.0/28'));
    expect(freeBlock(subnet('10.83.0.0/27'), 28, [subnet('10.83.0.16/28')], 0.9)).toEqual(subnet('10.83.0.0/28'));
  });

  it('is none when the range is used up, or too small', () => {
    expect(freeBlock(subnet('10.83.0.0/27'), 28, [subnet('10.83.0.0/28'), subnet('10.83.0.16/30')], 0.5)).toBeNull();
    expect(freeBlock(subnet('10.83.0.0/30'), 28, [], 0)).toBeNull();
    expect(freeBlock(subnet('10.83.0.0/16'), 28, [subnet('10.0.0.0/8')], 0)).toBeNull();
  });

  it('lies in the range, is free, and is found as long as there is one', () => {
    const range = subnet('10.83.0.0/22');
    const blocks = Array.from({ length: 64 }, (_, index): Subnet => ({ base: range.base + index * 16, prefix: 28 }));
    const used = fc.record({ block: fc.constantFrom(...blocks), prefix: fc.integer({ min: 24, max: 32 }) });
    fc.assert(
      fc.property(fc.array(used, { maxLength: 40 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (choices, start) => {
        const inUse = choices.map(
          ({ block, prefix }): Subnet => ({ base: block.base - (block.base % 2 ** (32 - prefix)), prefix }),
        );
        const free = blocks.filter(block => !inUse.some(other => overlaps(block, other)));
        const first = blocks[Math.floor(start * blocks.length)]?.base ?? 0;
        const found = freeBlock(range, 28, inUse, start);
        expect(found).toEqual(free.find(({ base }) => base >= first) ?? free[0] ?? null);
        if (found !== null) expect(contains(range, found)).toBe(true);
      }),
    );
  });
});
