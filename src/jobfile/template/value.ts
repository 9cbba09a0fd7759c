/**
 * What templates compute with: Go's values, as its templates know them, since the function library promises their results.
 * A plain object of JavaScript is never a value, so no expression reaches a prototype.
 */

/**
 * `bigint` is Go's `int`, `number` its `float64`, `null` its `nil`; also what stands where nothing was found.
 */
export type Value = null | boolean | string | bigint | number | SizedInteger | List | Dict | Time;

/** An integer whose type is not `int`: sums are `int64`, the bytes of a text `uint8`. */
export class SizedInteger {
  readonly type: 'int64' | 'uint8';
  readonly value: bigint;

  constructor(type: SizedInteger['type'], value: bigint) {
    this.type = type;
    this.value = value;
  }
}

/** Never changed once made. */
export class List {
  readonly items: readonly Value[];
  /** Go's name of what it holds; lists of different element types are never deeply equal. */
  readonly elementType: ElementType;

  constructor(items: readonly Value[], elementType: ElementType = 'interface {}') {
    this.items = items;
    this.elementType = elementType;
  }
}

/** The one thing that templates can change: `set` and `unset` work in place, and whoever holds the dict sees it. */
export class Dict {
  readonly entries: Map<string, Value>;
  readonly elementType: ElementType;
  /** Whoever asks for an entry that is not there made a mistake: what a jobfile's template starts with. */
  readonly isClosed: boolean;

  constructor(entries: Iterable<readonly [string, Value]> = [], elementType: ElementType = 'interface {}', isClosed = false) {
    this.entries = new Map(entries);
    this.elementType = elementType;
    this.isClosed = isClosed;
  }
}

export type ElementType = 'interface {}' | 'string' | 'int' | '[]interface {}';

/** A moment, and the place whose clocks show it. */
export class Time {
  readonly unixNanoseconds: bigint;
  readonly zone: Zone;

  constructor(unixNanoseconds: bigint, zone: Zone) {
    this.unixNanoseconds = unixNanoseconds;
    this.zone = zone;
  }
}

/** `named`: by the time zone database. `fixed`: what a parsed time said, which need not be in any database. */
export type Zone =
  | { readonly type: 'named'; readonly name: string }
  | { readonly type: 'fixed'; readonly name: string; readonly offsetSeconds: number };

export const int64 = (value: bigint): SizedInteger => new SizedInteger('int64', BigInt.asIntN(64, value));

export const listOf = (items: Iterable<Value>): List => new List([...items]);
export const textList = (items: Iterable<string>): List => new List([...items], 'string');
export const textDict = (entries: Iterable<readonly [string, string]>): Dict => new Dict(entries, 'string');

/** Texts in the order of their bytes, as Go sorts them. */
export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** A dict's entries in the order of their keys: Go prints, ranges and encodes maps so. */
export const sortedEntries = ({ entries }: Dict): readonly (readonly [string, Value])[] =>
  [...entries].sort(([a], [b]) => byBytes(a, b));

/** The number of any value of an integer type; `null` for all others. */
export function integerOf(value: Value): bigint | null {
  if (typeof value === 'bigint') return value;
  return value instanceof SizedInteger ? value.value : null;
}

/** Go's name of a value's kind. */
export function kindOf(value: Value): string {
  if (value === null) return 'invalid';
  if (value instanceof List) return 'slice';
  if (value instanceof Dict) return 'map';
  if (value instanceof Time) return 'struct';
  return typeOf(value);
}

/** Go's name of a value's type. */
export function typeOf(value: Value): string {
  if (value === null) return '<nil>';
  if (value instanceof List) return `[]${value.elementType}`;
  if (value instanceof Dict) return `map[string]${value.elementType}`;
  if (value instanceof Time) return 'time.Time';
  if (value instanceof SizedInteger) return value.type;
  return PRIMITIVE_TYPES[typeof value as keyof typeof PRIMITIVE_TYPES];
}

const PRIMITIVE_TYPES = { boolean: 'bool', string: 'string', bigint: 'int', number: 'float64' } as const;

/** Zero of its type: 0, `false`, `""`, nothing, an empty list or dict. Times and what else is a struct are never empty. */
export function isEmpty(value: Value): boolean {
  if (value === null || value === false || value === '' || value === 0) return true;
  if (value instanceof List) return value.items.length === 0;
  if (value instanceof Dict) return value.entries.size === 0;
  return integerOf(value) === 0n;
}

/** Go's `reflect.DeepEqual`: of the same type and with the same content, all the way down. */
export function deepEqual(a: Value, b: Value): boolean {
  if (typeOf(a) !== typeOf(b)) return false;
  if (a instanceof List && b instanceof List) {
    return a.items.length === b.items.length && a.items.every((item, index) => deepEqual(item, b.items[index] ?? null));
  }
  if (a instanceof Dict && b instanceof Dict) {
    const others = b.entries;
    return (
      a.entries.size === others.size &&
      [...a.entries].every(([key, item]) => others.has(key) && deepEqual(item, others.get(key) ?? null))
    );
  }
  if (a instanceof Time && b instanceof Time) {
    return a.unixNanoseconds === b.unixNanoseconds && JSON.stringify(a.zone) === JSON.stringify(b.zone);
  }
  if (a instanceof SizedInteger) return integerOf(a) === integerOf(b);
  return a === b;
}
