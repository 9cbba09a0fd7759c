/** From 0 up to, not including, 1. */
export type Chance = () => number;

/** Mulberry32: the same numbers for the same seed, so that a world that fast-check found can be lived again. */
export const dice = (start: number): Chance => {
  let seeded = start;
  return () => {
    seeded = (seeded + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seeded ^ (seeded >>> 15), 1 | seeded);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** A whole number from 0 to `max`. */
export const upTo = (max: number, chance: Chance): number => Math.floor(chance() * (max + 1));
