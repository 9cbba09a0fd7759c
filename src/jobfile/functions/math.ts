/** Integer arithmetic in 64 bits, wrapping around, and what turns floats into whole ones. */
import { randomInt } from 'node:crypto';
import { anything, CallError, fn, integer, type TemplateFunction, variadic } from '../template/function.ts';
import { int64, type Value } from '../template/value.ts';
import { toFloat64, toInt64 } from './convert.ts';

const number = (name: string) => ({ ...anything(name), wants: 'a number' });

const divisor = (value: Value): bigint => {
  const integer = toInt64(value);
  if (integer === 0n) throw new CallError("can't divide by zero", { argument: 1 });
  return integer;
};

/** `place`: the first or last of all numbers in their order. */
const extreme = (place: 0 | -1): TemplateFunction =>
  variadic([number('number')], number('number'), (first, more) => {
    const ascending = [first, ...more].map(toInt64).sort((a, b) => (a < b ? -1 : 1));
    return int64(ascending.at(place) ?? 0n);
  });
const largest = extreme(-1);

/** `at`: the fraction from which on it goes up, 0.5 unless told. */
function rounded(value: number, places: number, at: number): number {
  const scale = 10 ** places;
  const scaled = value * scale;
  return (scaled - Math.trunc(scaled) >= at ? Math.ceil(scaled) : Math.floor(scaled)) / scale;
}

export const math: Readonly<Record<string, TemplateFunction>> = {
  add: variadic([], number('number'), numbers => int64(numbers.reduce<bigint>((sum, next) => sum + toInt64(next), 0n))),
  add1: fn([number('number')], value => int64(toInt64(value) + 1n)),
  sub: fn([number('number'), number('subtrahend')], (a, b) => int64(toInt64(a) - toInt64(b))),
  div: fn([number('number'), number('divisor')], (a, b) => int64(toInt64(a) / divisor(b))),
  mod: fn([number('number'), number('divisor')], (a, b) => int64(toInt64(a) % divisor(b))),
  mul: variadic([number('number')], number('number'), (first, more) =>
    int64(more.reduce<bigint>((product, next) => BigInt.asIntN(64, product * toInt64(next)), toInt64(first))),
  ),
  max: largest,
  biggest: largest,
  min: extreme(0),
  floor: fn([number('number')], value => Math.floor(toFloat64(value))),
  ceil: fn([number('number')], value => Math.ceil(toFloat64(value))),
  round: variadic([number('number'), integer('places')], number('at'), (value, places, [at]) =>
    rounded(toFloat64(value), places, at === undefined ? 0.5 : toFloat64(at)),
  ),
  randInt: fn([integer('min'), integer('max')], (min, max) => {
    if (max <= min) throw new CallError(`wants a \`max\` above ${min}, not ${max}`, { argument: 1 });
    return BigInt(randomInt(min, max));
  }),
};
