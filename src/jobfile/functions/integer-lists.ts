/** Lists of counting numbers. */
import { type CallContext, fn, integer, type TemplateFunction, variadic } from '../template/function.ts';
import { List } from '../template/value.ts';

/** The numbers from `start` on, until `stop` is reached or passed; none when `step` leads away from it. */
function counted(start: number, stop: number, step: number, { spendList }: CallContext): readonly number[] {
  const count = step === 0 ? 0 : Math.max(0, Math.ceil((stop - start) / step));
  spendList(count);
  return Array.from({ length: count }, (_, index) => start + index * step);
}

const integers = (numbers: readonly number[]): List => new List(numbers.map(BigInt), 'int');

/** What `seq` counts, both ends included. */
function sequence(bounds: readonly number[], context: CallContext): readonly number[] {
  const towards = (from: number, to: number): number => (to < from ? -1 : 1);
  const [first = 0, second = 0, third = 0] = bounds;
  if (bounds.length === 1) return inclusive(1, first, towards(1, first), context);
  if (bounds.length === 2) return inclusive(first, second, towards(first, second), context);
  return bounds.length === 3 ? inclusive(first, third, second, context) : [];
}

const inclusive = (start: number, end: number, step: number, context: CallContext): readonly number[] =>
  counted(start, end + Math.sign(step), step, context);

const bound = integer('bound');

export const integerLists: Readonly<Record<string, TemplateFunction>> = {
  until: fn([integer('count')], (count, context) => integers(counted(0, count, count < 0 ? -1 : 1, context))),
  untilStep: fn([integer('start'), integer('stop'), integer('step')], (start, stop, step, context) =>
    integers(counted(start, stop, step, context)),
  ),
  seq: variadic([], bound, (bounds, context) => sequence(bounds, context).join(' ')),
};
