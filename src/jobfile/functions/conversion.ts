/** From one type to another. */
import { anything, fn, type TemplateFunction, text } from '../template/function.ts';
import { int64 } from '../template/value.ts';
import { toFloat64, toInt64 } from './convert.ts';

const GREATEST_INT64 = 2n ** 63n - 1n;

/** Whole decimal numbers; what is too big becomes the biggest, what is no number 0. */
function atoi(digits: string): bigint {
  if (!/^[+-]?\d{1,1000}$/.test(digits)) return 0n;
  const value = BigInt(digits.replace('+', ''));
  return value > GREATEST_INT64 ? GREATEST_INT64 : value < -GREATEST_INT64 - 1n ? -GREATEST_INT64 - 1n : value;
}

/** The decimal value of octal digits, as file modes are written. */
const fromOctal = (digits: string): bigint => (/^[+-]?[0-7]{1,21}$/.test(digits) ? BigInt(Number.parseInt(digits, 8)) : 0n);

export const conversion: Readonly<Record<string, TemplateFunction>> = {
  atoi: fn([text('text')], atoi),
  int: fn([anything('value')], toInt64),
  int64: fn([anything('value')], value => int64(toInt64(value))),
  float64: fn([anything('value')], toFloat64),
  toDecimal: fn([anything('octal')], (value, { textOf }) => int64(fromOctal(textOf(value)))),
  toString: fn([anything('value')], (value, { textOf }) => textOf(value)),
};
