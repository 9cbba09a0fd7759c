/**
 * Go's time layouts: a moment is written, and read, the way the reference time `Mon Jan 2 15:04:05 MST 2006` is written in
 * the layout.
 */
import { abbreviation, offsetSeconds, UTC } from './time-zone.ts';
import { Time, type Zone } from './value.ts';

/** A time does not fit its layout; `message` says which part. */
export class TimeParseError extends Error {
  override readonly name = 'TimeParseError';
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

export const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const SECONDS_PER_DAY = 86_400n;

/** What a clock on the wall and the calendar beside it show. */
export type Clock = {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly weekday: (typeof DAYS)[number];
  /** 1 to 366. */
  readonly yearDay: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  readonly offsetSeconds: number;
  readonly zoneName: string;
};

export function clockOf({ unixNanoseconds, zone }: Time): Clock {
  const unixMs = Number(unixNanoseconds / 1_000_000n);
  const offset = offsetSeconds(zone, unixMs);
  const nanosecond = modulo(unixNanoseconds, NANOSECONDS_PER_SECOND);
  const seconds = (unixNanoseconds - nanosecond) / NANOSECONDS_PER_SECOND + BigInt(offset);
  const secondOfDay = Number(modulo(seconds, SECONDS_PER_DAY));
  const days = Number((seconds - BigInt(secondOfDay)) / SECONDS_PER_DAY);
  const { year, month, day } = civilOf(days);
  return {
    year,
    month,
    day,
    weekday: DAYS[(((days + 4) % 7) + 7) % 7] ?? 'Sunday',
    yearDay: days - daysOf(year, 1, 1) + 1,
    hour: Math.floor(secondOfDay / 3600),
    minute: Math.floor((secondOfDay % 3600) / 60),
    second: secondOfDay % 60,
    nanosecond: Number(nanosecond),
    offsetSeconds: offset,
    zoneName: abbreviation(zone, unixMs),
  };
}

export const monthName = (month: number): string => MONTHS[month - 1] ?? '';

/** A time as a template prints it. */
export const timeText = (time: Time): string => formatTime('2006-01-02 15:04:05.999999999 -0700 MST', time);

export const timeAt = (seconds: bigint, zone: Zone): Time => new Time(seconds * NANOSECONDS_PER_SECOND, zone);

/** Go's zero time: what a time that could not be read becomes. */
export const ZERO_TIME: Time = timeAt(-62_135_596_800n, UTC);

export function formatTime(layout: string, time: Time): string {
  const clock = clockOf(time);
  return elementsOf(layout)
    .map(({ text, element }) => (element === null ? text : element.format(clock, text)))
    .join('');
}

/** Reads `text`; what the layout does not say is that of year 0, and its zone `zone`. Throws {@link TimeParseError}. */
export function parseTime(layout: string, text: string, zone: Zone): Time {
  const read = new Reading(layout, text, zone);
  for (const { text: expected, element } of elementsOf(layout)) {
    if (element === null) read.literal(expected);
    else element.parse(read, expected);
  }
  return read.finish();
}

/** One part of the reference time that layouts may hold. */
type Element = {
  /** Matches at the place where the layout has it. */
  readonly pattern: RegExp;
  readonly format: (clock: Clock, text: string) => string;
  readonly parse: (read: Reading, text: string) => void;
};

/** What has been read of a time so far. */
class Reading {
  year: number | null = null;
  month: number | null = null;
  day: number | null = null;
  yearDay: number | null = null;
  hour = 0;
  minute = 0;
  second = 0;
  nanosecond: number | null = null;
  isAfternoon: boolean | null = null;
  offsetSeconds: number | null = null;
  zoneName: string | null = null;
  private at = 0;
  private readonly layout: string;
  private readonly text: string;
  private readonly defaultZone: Zone;

  constructor(layout: string, text: string, defaultZone: Zone) {
    this.layout = layout;
    this.text = text;
    this.defaultZone = defaultZone;
  }

  /** Takes what `pattern` (sticky) matches here. */
  take(pattern: RegExp, expected: string): string {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? [];
    if (found === undefined) throw this.mismatch(`cannot parse ${this.rest()} as ${JSON.stringify(expected)}`);
    this.at += found.length;
    return found;
  }

  tryTake(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? [];
    this.at += found?.length ?? 0;
    return found ?? null;
  }

  number(pattern: RegExp, expected: string, [low, high]: readonly [number, number], what: string): number {
    const value = Number(this.take(pattern, expected));
    if (value < low || value > high) throw this.mismatch(`${what} out of range`);
    return value;
  }

  /** Any run of spaces of the layout stands for any run of spaces, as in Go. */
  literal(expected: string): void {
    for (const part of expected.match(/ +|[^ ]+/g) ?? []) {
      if (part.startsWith(' ')) {
        if (this.at < this.text.length && this.text[this.at] !== ' ')
          throw this.mismatch(`cannot parse ${this.rest()} as ${JSON.stringify(expected)}`);
        this.tryTake(/ */y);
      } else if (this.text.startsWith(part, this.at)) {
        this.at += part.length;
      } else {
        throw this.mismatch(`cannot parse ${this.rest()} as ${JSON.stringify(expected)}`);
      }
    }
  }

  finish(): Time {
    if (this.at < this.text.length) throw this.mismatch(`extra text: ${this.rest()}`);
    const year = this.year ?? 0;
    const { month, day } = this.date(year);
    const seconds =
      BigInt(daysOf(year, month, day)) * SECONDS_PER_DAY + BigInt(this.hour24() * 3600 + this.minute * 60 + this.second);
    const zone = this.zone();
    return new Time((seconds - localOffset(zone, seconds)) * NANOSECONDS_PER_SECOND + BigInt(this.nanosecond ?? 0), zone);
  }

  private date(year: number): { readonly month: number; readonly day: number } {
    if (this.yearDay !== null && this.month === null) {
      if (this.yearDay < 1 || this.yearDay > daysOf(year + 1, 1, 1) - daysOf(year, 1, 1))
        throw this.mismatch('day-of-year out of range');
      return civilOf(daysOf(year, 1, 1) + this.yearDay - 1);
    }
    const [month, day] = [this.month ?? 1, this.day ?? 1];
    const days = month === 12 ? 31 : daysOf(year, month + 1, 1) - daysOf(year, month, 1);
    if (day < 1 || day > days) throw this.mismatch('day out of range');
    return { month, day };
  }

  private hour24(): number {
    if (this.isAfternoon === null) return this.hour;
    return this.isAfternoon ? (this.hour < 12 ? this.hour + 12 : this.hour) : this.hour === 12 ? 0 : this.hour;
  }

  private zone(): Zone {
    if (this.offsetSeconds !== null && (this.offsetSeconds !== 0 || (this.zoneName ?? 'UTC') !== 'UTC')) {
      return { type: 'fixed', name: this.zoneName ?? '', offsetSeconds: this.offsetSeconds };
    }
    // An abbreviation alone does not say which place is meant: Go keeps its name and takes the clock for UTC's.
    if (this.zoneName === null && this.offsetSeconds === null) return this.defaultZone;
    return (this.zoneName ?? 'UTC') === 'UTC' ? UTC : { type: 'fixed', name: this.zoneName ?? '', offsetSeconds: 0 };
  }

  private rest(): string {
    return JSON.stringify(this.text.slice(this.at));
  }

  private mismatch(why: string): TimeParseError {
    return new TimeParseError(`${JSON.stringify(this.text)} is no time of the form ${JSON.stringify(this.layout)}: ${why}`);
  }
}

const two = (value: number): string => String(value).padStart(2, '0');

const fullNames = (names: readonly string[]) => new RegExp(names.join('|'), 'iy');
const shortNames = (names: readonly string[]) => new RegExp(names.map(name => name.slice(0, 3)).join('|'), 'iy');
const monthNamed = (name: string): number =>
  MONTHS.findIndex(month => month.slice(0, 3).toLowerCase() === name.slice(0, 3).toLowerCase()) + 1;

const hour12 = (hour: number): number => hour % 12 || 12;

/** Sub-second digits as a layout asks for them: zeros keep the last ones, nines drop them when they are 0. */
function fractionText({ nanosecond }: Clock, text: string): string {
  const digits = String(nanosecond)
    .padStart(9, '0')
    .slice(0, text.length - 1);
  if (text.endsWith('0')) return `${text[0]}${digits}`;
  const significant = digits.replace(/0+$/, '');
  return significant === '' ? '' : `${text[0]}${significant}`;
}

const readFraction = (read: Reading, found: string): void => {
  read.nanosecond = Number(found.slice(1, 10).padEnd(9, '0'));
};

function offsetText(seconds: number, text: string): string {
  if (text.startsWith('Z') && seconds === 0) return 'Z';
  const separator = text.includes(':') ? ':' : '';
  const magnitude = Math.abs(seconds);
  const parts = [two(Math.floor(magnitude / 3600)), two(Math.floor((magnitude % 3600) / 60)), two(magnitude % 60)];
  const wanted = text.replace(/[Z:-]/g, '').length / 2;
  return (seconds < 0 ? '-' : '+') + parts.slice(0, wanted).join(separator);
}

function readOffset(read: Reading, text: string): void {
  if (text.startsWith('Z') && read.tryTake(/Z/y) !== null) {
    read.offsetSeconds = 0;
    return;
  }
  const separator = text.includes(':') ? ':' : '';
  const wanted = text.replace(/[Z:-]/g, '').length / 2;
  const found = read.take(new RegExp(`[+-]${Array(wanted).fill('\\d\\d').join(separator)}`, 'y'), text);
  const [hours = 0, minutes = 0, seconds = 0] = (found.match(/\d\d/g) ?? []).map(Number);
  read.offsetSeconds = (found.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
}

/** Longer ones before the shorter ones that they begin with. */
const ELEMENTS: readonly Element[] = [
  {
    pattern: /January/y,
    format: ({ month }) => monthName(month),
    parse: read => (read.month = monthNamed(read.take(fullNames(MONTHS), 'January'))),
  },
  {
    pattern: /Jan/y,
    format: ({ month }) => monthName(month).slice(0, 3),
    parse: read => (read.month = monthNamed(read.take(shortNames(MONTHS), 'Jan'))),
  },
  { pattern: /Monday/y, format: ({ weekday }) => weekday, parse: read => read.take(fullNames(DAYS), 'Monday') },
  { pattern: /Mon(?![a-z])/y, format: ({ weekday }) => weekday.slice(0, 3), parse: read => read.take(shortNames(DAYS), 'Mon') },
  {
    pattern: /MST/y,
    format: ({ zoneName }) => zoneName,
    parse: read => (read.zoneName = read.take(/UTC|[A-Z]{3,5}|[+-]\d\d(\d\d)?/y, 'MST')),
  },
  { pattern: /2006/y, format: ({ year }) => yearText(year), parse: read => (read.year = Number(read.take(/\d{4}/y, '2006'))) },
  {
    pattern: /__2/y,
    format: ({ yearDay }) => String(yearDay).padStart(3),
    parse: read => (read.yearDay = Number(read.take(/[ \d]{2}\d/y, '__2'))),
  },
  {
    pattern: /002/y,
    format: ({ yearDay }) => String(yearDay).padStart(3, '0'),
    parse: read => (read.yearDay = Number(read.take(/\d{3}/y, '002'))),
  },
  {
    pattern: /01/y,
    format: ({ month }) => two(month),
    parse: read => (read.month = read.number(/\d\d/y, '01', [1, 12], 'month')),
  },
  { pattern: /02/y, format: ({ day }) => two(day), parse: read => (read.day = Number(read.take(/\d\d/y, '02'))) },
  {
    pattern: /03/y,
    format: ({ hour }) => two(hour12(hour)),
    parse: read => (read.hour = read.number(/\d\d/y, '03', [0, 12], 'hour')),
  },
  {
    pattern: /04/y,
    format: ({ minute }) => two(minute),
    parse: read => (read.minute = read.number(/\d\d/y, '04', [0, 59], 'minute')),
  },
  { pattern: /05/y, format: ({ second }) => two(second), parse: readSeconds },
  { pattern: /06/y, format: ({ year }) => two(((year % 100) + 100) % 100), parse: readShortYear },
  { pattern: /15/y, format: ({ hour }) => two(hour), parse: read => (read.hour = read.number(/\d\d/y, '15', [0, 23], 'hour')) },
  {
    pattern: /PM/y,
    format: ({ hour }) => (hour >= 12 ? 'PM' : 'AM'),
    parse: read => (read.isAfternoon = read.take(/AM|PM/y, 'PM') === 'PM'),
  },
  {
    pattern: /pm/y,
    format: ({ hour }) => (hour >= 12 ? 'pm' : 'am'),
    parse: read => (read.isAfternoon = read.take(/am|pm/y, 'pm') === 'pm'),
  },
  {
    pattern: /[Z-]07:00:00|[Z-]070000|[Z-]07:00|[Z-]0700|[Z-]07/y,
    format: ({ offsetSeconds }, text) => offsetText(offsetSeconds, text),
    parse: readOffset,
  },
  { pattern: /[.,](0+|9+)(?!\d)/y, format: fractionText, parse: (read, text) => readLayoutFraction(read, text) },
  {
    pattern: /_2006/y,
    format: ({ year }) => `_${yearText(year)}`,
    parse: read => {
      read.literal('_');
      read.year = Number(read.take(/\d{4}/y, '2006'));
    },
  },
  {
    pattern: /_2/y,
    format: ({ day }) => String(day).padStart(2),
    parse: read => (read.day = Number(read.take(/ ?\d{1,2}/y, '_2'))),
  },
  {
    pattern: /1/y,
    format: ({ month }) => String(month),
    parse: read => (read.month = read.number(/\d{1,2}/y, '1', [1, 12], 'month')),
  },
  { pattern: /2/y, format: ({ day }) => String(day), parse: read => (read.day = Number(read.take(/\d{1,2}/y, '2'))) },
  {
    pattern: /3/y,
    format: ({ hour }) => String(hour12(hour)),
    parse: read => (read.hour = read.number(/\d{1,2}/y, '3', [0, 12], 'hour')),
  },
  {
    pattern: /4/y,
    format: ({ minute }) => String(minute),
    parse: read => (read.minute = read.number(/\d{1,2}/y, '4', [0, 59], 'minute')),
  },
  { pattern: /5/y, format: ({ second }) => String(second), parse: readSeconds },
];

const yearText = (year: number): string => (year < 0 ? '-' : '') + String(Math.abs(year)).padStart(4, '0');

function readSeconds(read: Reading, text: string): void {
  read.second = read.number(text === '05' ? /\d\d/y : /\d{1,2}/y, text, [0, 59], 'second');
  // A fraction may follow though the layout has none.
  const fraction = read.tryTake(/[.,]\d+/y);
  if (fraction !== null) readFraction(read, fraction);
}

function readShortYear(read: Reading): void {
  const year = Number(read.take(/\d\d/y, '06'));
  read.year = year >= 69 ? 1900 + year : 2000 + year;
}

function readLayoutFraction(read: Reading, text: string): void {
  // The seconds before it may have taken it already.
  if (read.nanosecond !== null) return;
  const digits = text.endsWith('9') ? read.tryTake(/[.,]\d+/y) : read.take(new RegExp(`[.,]\\d{${text.length - 1}}`, 'y'), text);
  if (digits !== null) readFraction(read, digits);
}

type Part = { readonly text: string; readonly element: Element | null };

function elementsOf(layout: string): readonly Part[] {
  const parts: Part[] = [];
  let literal = '';
  for (let at = 0; at < layout.length; ) {
    const element = ELEMENTS.find(({ pattern }) => {
      pattern.lastIndex = at;
      return pattern.test(layout);
    });
    if (element === undefined) {
      literal += layout[at] ?? '';
      at += 1;
      continue;
    }
    if (literal !== '') parts.push({ text: literal, element: null });
    literal = '';
    parts.push({ text: layout.slice(at, element.pattern.lastIndex), element });
    at = element.pattern.lastIndex;
  }
  return literal === '' ? parts : [...parts, { text: literal, element: null }];
}

/** Seconds east of Greenwich where clocks show `seconds` since 1970: asked twice, since the first answer may be from before a change. */
function localOffset(zone: Zone, seconds: bigint): bigint {
  const guess = offsetSeconds(zone, Number(seconds) * 1_000);
  return BigInt(offsetSeconds(zone, (Number(seconds) - guess) * 1_000));
}

const modulo = (value: bigint, divisor: bigint): bigint => ((value % divisor) + divisor) % divisor;

/** Days since 1970-01-01 of the Gregorian calendar, in both directions without end (Howard Hinnant's `days_from_civil`). */
function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

function civilOf(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1,
  };
}
