/** Arithmetic on floats. */
import { anything, fn, type TemplateFunction, variadic } from '../template/function.ts';
import type { Value } from '../template/value.ts';
import { toFloat64 } from './convert.ts';

const number = anything('number');

const folded = (combine: (a: number, b: number) => number): TemplateFunction =>
  variadic([number], number, (first, more) => more.map(toFloat64).reduce(combine, toFloat64(first as Value)));

export const floatMath: Readonly<Record<string, TemplateFunction>> = {
  addf: folded((a, b) => a + b),
  add1f: fn([number], value => toFloat64(value) + 1),
  subf: folded((a, b) => a - b),
  divf: folded((a, b) => a / b),
  mulf: folded((a, b) => a * b),
  maxf: folded((a, b) => Math.max(a, b)),
  minf: folded((a, b) => Math.min(a, b)),
};
