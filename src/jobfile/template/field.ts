/** What stands behind a dot: entries of dicts, the length of lists, and the few methods that Go's times have. */

import { nearest } from '../../base/nearest.ts';
import { MONTHS } from './calendar.ts';
import { clockOf, unixSecondsOf } from './clock.ts';
import { CallError } from './function.ts';
import { plainText } from './print.ts';
import { formatTime } from './time-layout.ts';
import { UTC } from './time-zone.ts';
import { Dict, int64, List, Time, type Value } from './value.ts';

/**
 * `value.key`, or `value.Method args`. Nothing where nothing is. Where there can't be such a thing (a field of a text), throws
 * {@link CallError}, unless `isLenient`.
 */
export function fieldOf(value: Value, key: string, args: readonly Value[], isLenient: boolean): Value {
  if (value instanceof Time) return method(value, key, args);
  if (args.length > 0) throw new CallError(`\`${key}\` is no function: it takes no arguments`);
  if (value === null) return null;
  if (value instanceof Dict) return entryOf(value, key);
  if (value instanceof List && key === 'length') return BigInt(value.items.length);
  if (value instanceof List && /^\d+$/.test(key)) return value.items[Number(key)] ?? null;
  if (isLenient) return null;
  throw new CallError(`${describe(value)} has no \`${key}\``);
}

function entryOf({ entries, isClosed }: Dict, key: string): Value {
  const entry = entries.get(key);
  if (entry !== undefined || !isClosed) return entry ?? null;
  const suggestion = nearest(key, entries.keys());
  const hint = suggestion === null ? `there are ${[...entries.keys()].join(', ')}` : `did you mean \`${suggestion}\`?`;
  throw new CallError(`there is no \`${key}\` in a jobfile's template: ${hint}`);
}

/** A value as a message names it. */
export function describe(value: Value): string {
  if (value === null) return 'nothing';
  if (typeof value === 'string') return `the text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
  if (value instanceof List) return 'a list';
  if (value instanceof Dict) return 'a dict';
  if (value instanceof Time) return 'a time';
  if (typeof value === 'boolean') return String(value);
  return `the number ${plainText(value)}`;
}

function method(time: Time, name: string, args: readonly Value[]): Value {
  const found = TIME_METHODS.get(name);
  if (found === undefined) throw new CallError(`a time has no \`${name}\`: it has ${[...TIME_METHODS.keys()].join(', ')}`);
  return found(time, args);
}

const TIME_METHODS: ReadonlyMap<string, (time: Time, args: readonly Value[]) => Value> = new Map<
  string,
  (time: Time, args: readonly Value[]) => Value
>([
  ['Format', (time, args) => formatTime(onlyText('Format', args), time)],
  ['UTC', ({ unixNanoseconds }) => new Time(unixNanoseconds, UTC)],
  ['Unix', time => int64(unixSecondsOf(time))],
  ['UnixMilli', ({ unixNanoseconds }) => int64(unixNanoseconds / 1_000_000n)],
  ['UnixNano', ({ unixNanoseconds }) => int64(unixNanoseconds)],
  ['Year', time => BigInt(clockOf(time).year)],
  ['Month', time => MONTHS[clockOf(time).month - 1] ?? ''],
  ['Day', time => BigInt(clockOf(time).day)],
  ['Weekday', time => clockOf(time).weekday],
  ['YearDay', time => BigInt(clockOf(time).yearDay)],
  ['Hour', time => BigInt(clockOf(time).hour)],
  ['Minute', time => BigInt(clockOf(time).minute)],
  ['Second', time => BigInt(clockOf(time).second)],
  ['Nanosecond', time => BigInt(clockOf(time).nanosecond)],
]);

function onlyText(name: string, args: readonly Value[]): string {
  const [text] = args;
  if (args.length !== 1 || typeof text !== 'string') throw new CallError(`\`${name}\` takes one text`);
  return text;
}
