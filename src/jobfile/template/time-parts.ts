/** What a text said of a time, and the time that it makes. */
import { type CalendarDay, dayAt, daysInMonth, daysInYear, daysOf } from './calendar.ts';
import { NANOSECONDS_PER_SECOND, SECONDS_PER_DAY } from './clock.ts';
import { offsetSeconds, UTC } from './time-zone.ts';
import { Time, type Zone } from './value.ts';

/** Only what was said. */
export type TimeParts = {
  readonly year?: number;
  readonly month?: number;
  readonly day?: number;
  readonly yearDay?: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  readonly nanosecond?: number;
  readonly isAfternoon?: boolean;
  readonly offsetSeconds?: number;
  readonly zoneName?: string;
};

/** A time does not fit its layout, or is on no calendar. */
export class TimeParseError extends Error {
  override readonly name = 'TimeParseError';
}

/** What was not said is that of year 0, and its zone `defaultZone`. Throws {@link TimeParseError}. */
export function timeOfParts(parts: TimeParts, defaultZone: Zone): Time {
  const { minute = 0, second = 0, nanosecond = 0 } = parts;
  const secondOfDay = hour24(parts) * 3600 + minute * 60 + second;
  const seconds = BigInt(daysOf(dateOf(parts))) * SECONDS_PER_DAY + BigInt(secondOfDay);
  const zone = zoneOf(parts, defaultZone);
  return new Time((seconds - localOffset(zone, seconds)) * NANOSECONDS_PER_SECOND + BigInt(nanosecond), zone);
}

function dateOf({ year = 0, month, day = 1, yearDay }: TimeParts): CalendarDay {
  if (yearDay !== undefined && month === undefined) {
    if (yearDay < 1 || yearDay > daysInYear(year)) throw new TimeParseError('the day of the year is out of range');
    return dayAt(daysOf({ year, month: 1, day: 1 }) + yearDay - 1);
  }
  if (day < 1 || day > daysInMonth(year, month ?? 1)) throw new TimeParseError('the day is out of range');
  return { year, month: month ?? 1, day };
}

/** 12 at night is 0, 12 at noon is 12. */
function hour24({ hour = 0, isAfternoon }: TimeParts): number {
  if (isAfternoon === undefined) return hour;
  return (hour % 12) + (isAfternoon ? 12 : 0);
}

/** An abbreviation alone does not say which place is meant: Go keeps its name, and takes the clock for UTC's. */
function zoneOf({ offsetSeconds: offset, zoneName }: TimeParts, defaultZone: Zone): Zone {
  if (offset === undefined && zoneName === undefined) return defaultZone;
  const isUtc = (offset ?? 0) === 0 && (zoneName ?? 'UTC') === 'UTC';
  return isUtc ? UTC : { type: 'fixed', name: zoneName ?? '', offsetSeconds: offset ?? 0 };
}

/** Seconds east of Greenwich where clocks show `seconds` since 1970: asked twice, since the first answer may be from before a change. */
function localOffset(zone: Zone, seconds: bigint): bigint {
  const guess = offsetSeconds(zone, Number(seconds) * 1_000);
  return BigInt(offsetSeconds(zone, (Number(seconds) - guess) * 1_000));
}
