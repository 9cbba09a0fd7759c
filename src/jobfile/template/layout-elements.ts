/** The parts of Go's reference time: how each is recognised in a layout, written, and read. */
import { MONTHS, WEEKDAYS } from './calendar.ts';
import type { Clock } from './clock.ts';
import { TimeParseError, type TimeParts } from './time-parts.ts';

/** Takes the text of a time apart, from left to right. */
export type Scanner = {
  /** What the sticky pattern matches here. Throws {@link TimeParseError}. */
  readonly take: (pattern: RegExp, expected: string) => string;
  readonly tryTake: (pattern: RegExp) => string | null;
};

export type LayoutElement = {
  /** Sticky. */
  readonly pattern: RegExp;
  /** `text`: the element as the layout writes it. */
  readonly format: (clock: Clock, text: string) => string;
  /** `next`: what follows in the layout. */
  readonly read: (scanner: Scanner, text: string, next: string | undefined) => TimeParts;
};

/** The element that begins at that place of a layout. */
export function layoutElementAt(layout: string, at: number): { readonly text: string; readonly element: LayoutElement } | null {
  for (const element of ELEMENTS) {
    element.pattern.lastIndex = at;
    const [text] = element.pattern.exec(layout) ?? [];
    if (text !== undefined) return { text, element };
  }
  return null;
}

const padded = (value: number, length = 2, fill = '0'): string => String(value).padStart(length, fill);

const hour12 = (hour: number): number => hour % 12 || 12;

const yearText = (year: number): string => (year < 0 ? '-' : '') + padded(Math.abs(year), 4);

type NumberKey = 'month' | 'day' | 'yearDay' | 'hour' | 'minute';

/** A number, in what limits it makes sense; days are checked when their month is known. */
const number =
  (key: NumberKey, digits: RegExp, low = 0, high = Number.POSITIVE_INFINITY): LayoutElement['read'] =>
  (scanner, text) => ({ [key]: inRange(Number(scanner.take(digits, text)), low, high, key) });

function inRange(value: number, low: number, high: number, what: string): number {
  if (value < low || value > high) throw new TimeParseError(`the ${what} is out of range`);
  return value;
}

const nameOf = (names: readonly string[], length?: number): RegExp =>
  new RegExp(names.map(name => name.slice(0, length)).join('|'), 'iy');

const month =
  (length?: number): LayoutElement['read'] =>
  (scanner, text) => {
    const name = scanner.take(nameOf(MONTHS, length), text).slice(0, 3).toLowerCase();
    return { month: MONTHS.findIndex(other => other.slice(0, 3).toLowerCase() === name) + 1 };
  };

/** Says nothing that the date does not say. */
const weekday =
  (length?: number): LayoutElement['read'] =>
  (scanner, text) => {
    scanner.take(nameOf(WEEKDAYS, length), text);
    return {};
  };

const FRACTION = /[.,]\d+/y;

const nanoseconds = (fraction: string): TimeParts => ({ nanosecond: Number(fraction.slice(1, 10).padEnd(9, '0')) });

/** A fraction may follow though the layout has none. */
function seconds(digits: RegExp): LayoutElement['read'] {
  return (scanner, text, next) => {
    const second = inRange(Number(scanner.take(digits, text)), 0, 59, 'second');
    const fraction = next !== undefined && /^[.,][09]+$/.test(next) ? null : scanner.tryTake(FRACTION);
    return fraction === null ? { second } : { second, ...nanoseconds(fraction) };
  };
}

/** Digits as the layout asks for them: zeros keep the last ones, nines drop them when they are 0. */
function fractionText({ nanosecond }: Clock, text: string): string {
  const digits = padded(nanosecond, 9).slice(0, text.length - 1);
  const shown = text.endsWith('0') ? digits : digits.replace(/0+$/, '');
  return shown === '' ? '' : `${text[0]}${shown}`;
}

const readFraction: LayoutElement['read'] = (scanner, text) => {
  const exactly = new RegExp(`[.,]\\d{${text.length - 1}}`, 'y');
  const fraction = text.endsWith('9') ? scanner.tryTake(FRACTION) : scanner.take(exactly, text);
  return fraction === null ? {} : nanoseconds(fraction);
};

/** Pairs of digits of `Z07:00`, `-0700` and their like. */
const pairsIn = (text: string): number => text.replace(/[Z:-]/g, '').length / 2;

function offsetText({ offsetSeconds }: Clock, text: string): string {
  if (text.startsWith('Z') && offsetSeconds === 0) return 'Z';
  const magnitude = Math.abs(offsetSeconds);
  const pairs = [Math.floor(magnitude / 3600), Math.floor((magnitude % 3600) / 60), magnitude % 60].map(value => padded(value));
  return (offsetSeconds < 0 ? '-' : '+') + pairs.slice(0, pairsIn(text)).join(text.includes(':') ? ':' : '');
}

const readOffset: LayoutElement['read'] = (scanner, text) => {
  if (text.startsWith('Z') && scanner.tryTake(/Z/y) !== null) return { offsetSeconds: 0 };
  const pairs = Array(pairsIn(text)).fill('\\d\\d');
  const found = scanner.take(new RegExp(`[+-]${pairs.join(text.includes(':') ? ':' : '')}`, 'y'), text);
  const [hours = 0, minutes = 0, extra = 0] = (found.match(/\d\d/g) ?? []).map(Number);
  return { offsetSeconds: (found.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + extra) };
};

/** Two digits: from 1969 to 2068. */
const readShortYear: LayoutElement['read'] = (scanner, text) => {
  const year = Number(scanner.take(/\d\d/y, text));
  return { year: year >= 69 ? 1900 + year : 2000 + year };
};

const halfOfDay =
  (afternoon: string, pattern: RegExp): LayoutElement['read'] =>
  scanner => ({ isAfternoon: scanner.take(pattern, afternoon) === afternoon });

/** Longer ones before the shorter ones that they begin with. */
const ELEMENTS: readonly LayoutElement[] = [
  { pattern: /January/y, format: clock => MONTHS[clock.month - 1] ?? '', read: month() },
  { pattern: /Jan/y, format: clock => (MONTHS[clock.month - 1] ?? '').slice(0, 3), read: month(3) },
  { pattern: /Monday/y, format: clock => clock.weekday, read: weekday() },
  { pattern: /Mon(?![a-z])/y, format: clock => clock.weekday.slice(0, 3), read: weekday(3) },
  {
    pattern: /MST/y,
    format: clock => clock.zoneName,
    read: (scanner, text) => ({ zoneName: scanner.take(/UTC|[A-Z]{3,5}|[+-]\d\d(\d\d)?/y, text) }),
  },
  {
    pattern: /2006/y,
    format: clock => yearText(clock.year),
    read: (scanner, text) => ({ year: Number(scanner.take(/\d{4}/y, text)) }),
  },
  { pattern: /__2/y, format: clock => padded(clock.yearDay, 3, ' '), read: number('yearDay', /[ \d]{2}\d/y) },
  { pattern: /002/y, format: clock => padded(clock.yearDay, 3), read: number('yearDay', /\d{3}/y) },
  { pattern: /01/y, format: clock => padded(clock.month), read: number('month', /\d\d/y, 1, 12) },
  { pattern: /02/y, format: clock => padded(clock.day), read: number('day', /\d\d/y) },
  { pattern: /03/y, format: clock => padded(hour12(clock.hour)), read: number('hour', /\d\d/y, 0, 12) },
  { pattern: /04/y, format: clock => padded(clock.minute), read: number('minute', /\d\d/y, 0, 59) },
  { pattern: /05/y, format: clock => padded(clock.second), read: seconds(/\d\d/y) },
  { pattern: /06/y, format: clock => padded(((clock.year % 100) + 100) % 100), read: readShortYear },
  { pattern: /15/y, format: clock => padded(clock.hour), read: number('hour', /\d\d/y, 0, 23) },
  { pattern: /PM/y, format: clock => (clock.hour >= 12 ? 'PM' : 'AM'), read: halfOfDay('PM', /AM|PM/y) },
  { pattern: /pm/y, format: clock => (clock.hour >= 12 ? 'pm' : 'am'), read: halfOfDay('pm', /am|pm/y) },
  { pattern: /[Z-]07(?::00:00|0000|:00|00)?/y, format: offsetText, read: readOffset },
  { pattern: /[.,](?:0+|9+)(?!\d)/y, format: fractionText, read: readFraction },
  { pattern: /_2(?!006)/y, format: clock => padded(clock.day, 2, ' '), read: number('day', / ?\d{1,2}/y) },
  { pattern: /1/y, format: clock => String(clock.month), read: number('month', /\d{1,2}/y, 1, 12) },
  { pattern: /2/y, format: clock => String(clock.day), read: number('day', /\d{1,2}/y) },
  { pattern: /3/y, format: clock => String(hour12(clock.hour)), read: number('hour', /\d{1,2}/y, 0, 12) },
  { pattern: /4/y, format: clock => String(clock.minute), read: number('minute', /\d{1,2}/y, 0, 59) },
  { pattern: /5/y, format: clock => String(clock.second), read: seconds(/\d{1,2}/y) },
];
