import type { Case, Cases } from './case.ts';

export const conversion: Cases = {
  atoi: [
    ['atoi "12"', '12'],
    ['atoi "-5"', '-5'],
    ['atoi "1.5"', '0'],
    ['atoi "99999999999999999999"', '9223372036854775807'],
  ],
  int: [
    ['int "7"', '7'],
    ['int 5.9', '5'],
    ['int "x"', '0'],
  ],
  int64: [
    ['int64 "9223372036854775807"', '9223372036854775807'],
    ['int64 true', '1'],
    ['int64 1e30', '-9223372036854775808'],
  ],
  float64: [
    ['float64 "1.5"', '1.5'],
    ['float64 3', '3'],
    ['float64 "x"', '0'],
    ['float64 "1e3"', '1000'],
  ],
  toDecimal: [
    ['toDecimal "0777"', '511'],
    ['toDecimal 777', '511'],
    ['toDecimal "9"', '0'],
  ],
  toString: [
    ['toString 5', '5'],
    ['toString nil', '<nil>'],
    ['toString (list 1 "a")', '[1 a]'],
    ['toString 1e6', '1e+06'],
  ] satisfies readonly Case[],
};
