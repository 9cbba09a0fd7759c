/** Lists. None is ever changed: every function makes a new one. */
import {
  anything,
  type CallContext,
  CallError,
  fn,
  integer,
  list,
  type TemplateFunction,
  variadic,
} from '../template/function.ts';
import { deepEqual, isEmpty, List, listOf, type Value } from '../template/value.ts';

const item = anything('item');

const first = fn([list('list')], ({ items }) => items[0] ?? null);
const last = fn([list('list')], ({ items }) => items.at(-1) ?? null);
const rest = fn([list('list')], ({ items }) => listOf(items.slice(1)));
const initial = fn([list('list')], ({ items }) => listOf(items.slice(0, -1)));
const append = fn([list('list'), item], ({ items }, added) => listOf([...items, added]));
const prepend = fn([list('list'), item], ({ items }, added) => listOf([added, ...items]));
const reverse = fn([list('list')], ({ items }) => listOf(items.toReversed()));
const compact = fn([list('list')], ({ items }) => listOf(items.filter(value => !isEmpty(value))));

/** Compares as `deepEqual` does: an `int64` is no `int`. */
const includes = (items: readonly Value[], wanted: Value, { spendList, weigh }: CallContext): boolean => {
  spendList(items.length);
  return items.some(value => {
    if (typeof value === 'object') weigh(wanted);
    return deepEqual(value, wanted);
  });
};

const uniq = fn([list('list')], ({ items }, context) => {
  const seen = new Set<Value>();
  const distinct: Value[] = [];
  for (const value of items) {
    // What is no object is the same exactly when it is deeply equal; only the others need to be compared one by one.
    const isNew = typeof value === 'object' ? !includes(distinct, value, context) : !seen.has(value);
    if (isNew) distinct.push(value);
    seen.add(value);
  }
  return listOf(distinct);
});

const without = variadic([list('list')], item, ({ items }, removed, context) =>
  listOf(items.filter(value => !includes(removed, value, context))),
);

const has = fn([item, anything('list')], (wanted, within, context) => {
  if (within === null) return false;
  if (!(within instanceof List)) throw new CallError('looks into lists only', { argument: 1 });
  return includes(within.items, wanted, context);
});

const chunk = fn([integer('size'), list('list')], (size, { items }) => {
  if (size < 1) throw new CallError(`wants a size of 1 or more, not ${size}`, { argument: 0 });
  const starts = Array.from({ length: Math.ceil(items.length / size) }, (_, index) => index * size);
  return new List(
    starts.map(start => listOf(items.slice(start, start + size))),
    '[]interface {}',
  );
});

export const lists: Readonly<Record<string, TemplateFunction>> = {
  list: variadic([], item, listOf),
  tuple: variadic([], item, listOf),
  first,
  mustFirst: first,
  last,
  mustLast: last,
  rest,
  mustRest: rest,
  initial,
  mustInitial: initial,
  append,
  mustAppend: append,
  push: append,
  mustPush: append,
  prepend,
  mustPrepend: prepend,
  concat: variadic([], list('list'), (parts, { spendList }) => {
    spendList(parts.reduce((total, { items }) => total + items.length, 0));
    return listOf(parts.flatMap(({ items }) => items));
  }),
  reverse,
  mustReverse: reverse,
  uniq,
  mustUniq: uniq,
  without,
  mustWithout: without,
  has,
  mustHas: has,
  compact,
  mustCompact: compact,
  chunk,
  mustChunk: chunk,
};
