import type { Cases } from './case.ts';

export const math: Cases = {
  add: [
    ['add 1 2 3', '6'],
    ['add "3" 1.9 true nil "x"', '5'],
    ['add 9223372036854775807 1', '-9223372036854775808'],
  ],
  add1: [
    ['add1 41', '42'],
    ['add1 "4"', '5'],
  ],
  sub: [
    ['sub 5 2', '3'],
    ['sub "5" 7', '-2'],
  ],
  div: [
    ['div 7 2', '3'],
    ['div -7 2', '-3'],
    ['div 1 0', 'fails', "`div` can't divide by zero"],
  ],
  mod: [
    ['mod 7 3', '1'],
    ['mod -7 3', '-1'],
    ['mod 1 0', 'fails', "`mod` can't divide by zero"],
  ],
  mul: [
    ['mul 2 3 4', '24'],
    ['mul 5', '5'],
    ['mul 9223372036854775807 2', '-2'],
  ],
  max: [
    ['max 1 3 2', '3'],
    ['max "5" 2', '5'],
  ],
  biggest: [
    ['biggest 3 9 4', '9'],
    ['biggest -1 -2', '-1'],
  ],
  min: [
    ['min 3 1 2', '1'],
    ['min -5 "7"', '-5'],
  ],
  floor: [
    ['floor 123.9999', '123'],
    ['floor -1.5', '-2'],
    ['floor "3.7"', '3'],
  ],
  ceil: [
    ['ceil 123.001', '124'],
    ['ceil -1.5', '-1'],
  ],
  round: [
    ['round 123.555555 3', '123.556'],
    ['round 1.005 2', '1'],
    ['round -1.5 0', '-2'],
    ['round 123.5555 3 0.6', '123.555'],
  ],
  randInt: [
    ['randInt 5 6', '5'],
    ['randInt 5 5', 'fails', '`randInt` wants a `max` above 5, not 5'],
  ],
};
