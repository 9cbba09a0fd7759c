/** Where the two dialects mean different things by the same statement. */
import { NO_VALUE, plainText } from './print.ts';
import { Dict, integerOf, isEmpty, List, sortedEntries, type Value } from './value.ts';

export type Semantics = {
  /** What `if` takes for true. */
  readonly isTrue: (value: Value) => boolean;
  /** What a printed expression writes. */
  readonly print: (value: Value) => string;
  /** What a loop goes through, with keys or indices; `null`: it can't. */
  readonly entries: (value: Value) => Iterable<readonly [key: Value, item: Value]> | null;
  /** Functions take nothing for an empty text, list or dict. */
  readonly nothingIsEmpty: boolean;
};

export const goSemantics: Semantics = {
  isTrue: value => !isEmpty(value),
  print: value => (value === null ? NO_VALUE : plainText(value)),
  entries: value => {
    if (value === null) return [];
    if (value instanceof Dict) return sortedEntries(value);
    const count = integerOf(value);
    return count === null ? listEntries(value) : counted(count);
  },
  nothingIsEmpty: false,
};

export const handlebarsSemantics: Semantics = {
  isTrue: value => value instanceof Dict || !isEmpty(value),
  print: value => {
    if (value === null) return '';
    return value instanceof List ? value.items.map(handlebarsSemantics.print).join(',') : plainText(value);
  },
  entries: value => {
    if (value === null || value === false || value === '') return [];
    // A copy: the loop may change the dict.
    return value instanceof Dict ? [...value.entries] : listEntries(value);
  },
  nothingIsEmpty: true,
};

function* counted(count: bigint): Iterable<readonly [Value, Value]> {
  for (let index = 0n; index < count; index++) yield [index, index];
}

const listEntries = (value: Value): Iterable<readonly [Value, Value]> | null =>
  value instanceof List ? value.items.map((item, index) => [BigInt(index), item] as const) : null;
