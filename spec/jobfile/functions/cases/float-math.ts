import type { Cases } from './case.ts';

export const floatMath: Cases = {
  addf: [
    ['addf 1.5 2 2', '5.5'],
    ['addf "0.5" 1', '1.5'],
  ],
  add1f: [
    ['add1f 1.5', '2.5'],
    ['add1f "2"', '3'],
  ],
  subf: [
    ['subf 7.5 2 3', '2.5'],
    ['subf 1 0.75', '0.25'],
  ],
  divf: [
    ['divf 10 2 4', '1.25'],
    ['divf 1 0', '+Inf'],
  ],
  mulf: [
    ['mulf 1.5 2 2', '6'],
    ['mulf 3 "x"', '0'],
  ],
  maxf: [
    ['maxf 1 2.5 3', '3'],
    ['maxf -1.5 "-2"', '-1.5'],
  ],
  minf: [
    ['minf 1.5 2 3', '1.5'],
    ['minf 0.1 "0.05"', '0.05'],
  ],
};
