/** A block of IPv4 addresses: `base` is its first address as a number, aligned to `prefix`. */
export type Subnet = { readonly base: number; readonly prefix: number };

const BITS = 32;

/** Addresses of a block. */
const sizeOf = (prefix: number): number => 2 ** (BITS - prefix);

/** The block of this size that holds the address. */
const align = (address: number, prefix: number): Subnet => ({ base: address - (address % sizeOf(prefix)), prefix });

/** Reads `10.83.0.0/16`; `null` for anything else, IPv6 included. Host bits are cut off. */
export const parseSubnet = (text: string): Subnet | null => {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return null;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number);
  if ([a, b, c, d].some(octet => octet > 255) || prefix > BITS) return null;
  return align(((a * 256 + b) * 256 + c) * 256 + d, prefix);
};

/** Prints what {@link parseSubnet} reads. */
export const formatSubnet = ({ base, prefix }: Subnet): string =>
  `${[24, 16, 8, 0].map(shift => Math.floor(base / 2 ** shift) % 256).join('.')}/${prefix}`;

/** Whether `outer` has every address of `inner`. */
export const contains = (outer: Subnet, inner: Subnet): boolean =>
  outer.prefix <= inner.prefix && align(inner.base, outer.prefix).base === outer.base;

/** Whether the two share an address: of two blocks, then one contains the other. */
export const overlaps = (a: Subnet, b: Subnet): boolean => contains(a, b) || contains(b, a);

/** Not smaller than /28: 13 containers, and blocks that are easy to tell apart by eye. */
const SMALLEST = 28;

/** The network's own address, the gateway and the broadcast address. */
const RESERVED_ADDRESSES = 3;

/** The prefix of the smallest block for a network of so many containers. */
export const prefixFor = (containers: number): number =>
  Math.min(SMALLEST, BITS - Math.ceil(Math.log2(containers + RESERVED_ADDRESSES)));

/**
 * A block of the range, with this prefix, that shares no address with those in use: the first one from `start` (a share of the
 * range, from 0 up to 1) on, and around its end; `null`: none is left.
 */
export const freeBlock = (range: Subnet, prefix: number, inUse: readonly Subnet[], start: number): Subnet | null => {
  const end = range.base + sizeOf(range.prefix);
  const middle = align(range.base + Math.floor(start * sizeOf(range.prefix)), prefix).base;
  return firstBetween(middle, end, prefix, inUse) ?? firstBetween(range.base, middle, prefix, inUse);
};

const firstBetween = (from: number, to: number, prefix: number, inUse: readonly Subnet[]): Subnet | null => {
  const size = sizeOf(prefix);
  let base = from;
  while (base + size <= to) {
    const candidate: Subnet = { base, prefix };
    const taken = inUse.find(other => overlaps(candidate, other));
    if (taken === undefined) return candidate;
    base = Math.max(base + size, taken.base + sizeOf(taken.prefix));
  }
  return null;
};
