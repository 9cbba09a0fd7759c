/** The functions that Go's templates have without any library; `and` and `or` are the evaluator's own. */

import { describe } from '../template/field.ts';
import { anything, type CallContext, CallError, fn, type TemplateFunction, text, variadic } from '../template/function.ts';
import { byteLength, sliceBytes } from '../template/go-string.ts';
import { printf } from '../template/printf.ts';
import { byBytes, Dict, integerOf, isEmpty, List, SizedInteger, Time, type Value } from '../template/value.ts';
import { toInt64 } from './convert.ts';

const value = anything('value');

/** What can be compared with what: kinds of the same name. */
function basicKind(of: Value): 'nothing' | 'truth' | 'integer' | 'float' | 'text' {
  if (of === null) return 'nothing';
  if (integerOf(of) !== null) return 'integer';
  if (typeof of === 'string') return 'text';
  if (typeof of === 'boolean') return 'truth';
  if (typeof of === 'number') return 'float';
  throw new CallError(`can't compare ${describe(of)}`);
}

/** A text is never a number: to ask is a mistake, which says what to do. */
function requireSameKind(a: Value, b: Value): void {
  if (basicKind(a) === basicKind(b)) return;
  throw new CallError(`can't compare ${describe(a)} with ${describe(b)}: convert one of them (toString, int, float64)`);
}

const isEqual = (a: Value, b: Value): boolean => {
  if (a === null || b === null) return a === b;
  if (a instanceof Time && b instanceof Time) return a.unixNanoseconds === b.unixNanoseconds;
  requireSameKind(a, b);
  return integerOf(a) === null ? a === b : integerOf(a) === integerOf(b);
};

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`. */
function order(a: Value, b: Value): number {
  requireSameKind(a, b);
  if (typeof a === 'string' && typeof b === 'string') return byBytes(a, b);
  if (a === null || typeof a === 'boolean') throw new CallError(`can't say which of ${describe(a)} and ${describe(b)} is less`);
  const [x, y] = [integerOf(a) ?? (a as number), integerOf(b) ?? (b as number)];
  return x < y ? -1 : x > y ? 1 : x === y ? 0 : Number.NaN;
}

const comparison = (holds: (order: number) => boolean): TemplateFunction =>
  fn([anything('a'), anything('b')], (a, b) => holds(order(a, b)));

/** One step of `index`. */
function at(of: Value, key: Value): Value {
  if (of instanceof Dict) {
    if (typeof key !== 'string') throw new CallError(`finds entries of a dict by text, not by ${describe(key)}`);
    return of.entries.get(key) ?? null;
  }
  const items =
    of instanceof List
      ? of.items
      : typeof of === 'string'
        ? [...Buffer.from(of)].map(byte => new SizedInteger('uint8', BigInt(byte)))
        : null;
  if (items === null) throw new CallError(`looks into lists, dicts and texts, not into ${describe(of)}`);
  const index = integerOf(key);
  if (index === null) throw new CallError(`finds items of a list by number, not by ${describe(key)}`);
  if (index < 0n || index >= items.length) {
    throw new CallError(`can't find item ${index}: there are ${items.length}, the first is 0`);
  }
  return items[Number(index)] ?? null;
}

/** What is found at the end of a path of keys, and nothing where there is nothing: Handlebars' own `lookup`. */
function lookup(of: Value, key: Value): Value {
  if (of instanceof Dict && typeof key === 'string') return of.entries.get(key) ?? null;
  if (of instanceof List) {
    return of.items[Number(integerOf(key) ?? (typeof key === 'string' && /^\d+$/.test(key) ? key : -1))] ?? null;
  }
  return null;
}

function length(of: Value): bigint {
  if (typeof of === 'string') return BigInt(byteLength(of));
  if (of instanceof List) return BigInt(of.items.length);
  if (of instanceof Dict) return BigInt(of.entries.size);
  throw new CallError(`wants a text, a list or a dict, not ${describe(of)}`, { argument: 0 });
}

/** `list[from:to]`, of texts in bytes. */
function slice(of: Value, bounds: readonly Value[]): Value {
  const size = Number(length(of));
  const [from = 0, to = size] = bounds.map(bound => Number(toInt64(bound)));
  if (!(from >= 0 && from <= to && to <= size)) throw new CallError(`can't take ${from} to ${to} of ${size}`);
  if (of instanceof Dict) throw new CallError('takes parts of lists and texts, not of dicts', { argument: 0 });
  return of instanceof List ? new List(of.items.slice(from, to), of.elementType) : sliceBytes(of as string, from, to);
}

/** With a space between two that are both no text. */
const joined = (values: readonly Value[], { textOf }: CallContext): string =>
  values
    .map(
      (item, index) => (index > 0 && typeof item !== 'string' && typeof values[index - 1] !== 'string' ? ' ' : '') + textOf(item),
    )
    .join('');

const HTML_ESCAPES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&#34;',
  "'": '&#39;',
  '\0': '\uFFFD',
};
const JS_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

const escapeHtml = (from: string): string => from.replace(/[<>&"'\0]/g, character => HTML_ESCAPES[character] ?? '');

const escapeJs = (from: string): string =>
  from.replace(
    /[\\'"<>&=\p{Cc}\u2028\u2029]/gu,
    c => JS_ESCAPES[c] ?? `\\u${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );

const escapeQuery = (from: string): string =>
  encodeURIComponent(from.toWellFormed()).replace(/[!'()*]|%20/g, c =>
    c === '%20' ? '+' : `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const escaping = (escape: (from: string) => string): TemplateFunction =>
  variadic([], value, (values, context) =>
    escape(values.length === 1 && values[0] === null ? '<no value>' : joined(values, context)),
  );

const sliceOf = variadic([value], anything('bound'), (of, bounds) => {
  if (bounds.length > 2) throw new CallError('takes two bounds at most');
  return slice(of, bounds);
});

export const builtins: Readonly<Record<string, TemplateFunction>> = {
  eq: variadic([anything('a'), anything('b')], anything('b'), (a, b, more) => [b, ...more].some(other => isEqual(a, other))),
  ne: fn([anything('a'), anything('b')], (a, b) => !isEqual(a, b)),
  lt: comparison(by => by < 0),
  le: comparison(by => by <= 0),
  gt: comparison(by => by > 0),
  ge: comparison(by => by >= 0),
  not: fn([value], isEmpty),
  len: fn([value], length),
  index: variadic([anything('list or dict')], anything('key'), (of, keys) => keys.reduce<Value>(at, of)),
  lookup: fn([anything('list or dict'), anything('key')], lookup),
  slice: sliceOf,
  mustSlice: sliceOf,
  print: variadic([], value, joined),
  println: variadic([], value, (values, { textOf }) => `${values.map(textOf).join(' ')}\n`),
  printf: variadic([text('format')], value, (format, values, { weigh }) => {
    values.forEach(weigh);
    return printf(format, values);
  }),
  html: escaping(escapeHtml),
  js: escaping(escapeJs),
  urlquery: escaping(escapeQuery),
};
