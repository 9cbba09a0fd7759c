/** What a clock on the wall, and the calendar beside it, show at a moment. */
import { type CalendarDay, dayAt, dayOfYear, weekdayOf } from './calendar.ts';
import { abbreviation, offsetSeconds } from './time-zone.ts';
import { Time, type Zone } from './value.ts';

export type Clock = CalendarDay & {
  readonly weekday: string;
  /** 1 to 366. */
  readonly yearDay: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** East of Greenwich. */
  readonly offsetSeconds: number;
  readonly zoneName: string;
};

export const NANOSECONDS_PER_SECOND = 1_000_000_000n;
export const SECONDS_PER_DAY = 86_400n;

export const timeAt = (unixSeconds: bigint, zone: Zone): Time => new Time(unixSeconds * NANOSECONDS_PER_SECOND, zone);

/** Whole seconds since 1970, of times before it too. */
export const unixSecondsOf = ({ unixNanoseconds }: Time): bigint =>
  (unixNanoseconds - modulo(unixNanoseconds, NANOSECONDS_PER_SECOND)) / NANOSECONDS_PER_SECOND;

export function clockOf(time: Time): Clock {
  const unixMs = Number(time.unixNanoseconds / 1_000_000n);
  const offset = offsetSeconds(time.zone, unixMs);
  const seconds = unixSecondsOf(time) + BigInt(offset);
  const secondOfDay = Number(modulo(seconds, SECONDS_PER_DAY));
  const days = Number((seconds - BigInt(secondOfDay)) / SECONDS_PER_DAY);
  const date = dayAt(days);
  return {
    ...date,
    weekday: weekdayOf(days),
    yearDay: dayOfYear(date),
    hour: Math.floor(secondOfDay / 3600),
    minute: Math.floor((secondOfDay % 3600) / 60),
    second: secondOfDay % 60,
    nanosecond: Number(modulo(time.unixNanoseconds, NANOSECONDS_PER_SECOND)),
    offsetSeconds: offset,
    zoneName: abbreviation(time.zone, unixMs),
  };
}

/** Never negative, where JavaScript's remainder is. */
const modulo = (value: bigint, divisor: bigint): bigint => ((value % divisor) + divisor) % divisor;
