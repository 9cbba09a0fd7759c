/** Times and durations, in Go's layouts. The time zone is this machine's unless the function takes another. */

import { NANOSECONDS_PER_SECOND, timeAt, unixSecondsOf } from '../template/clock.ts';
import { durationText, parseNanoseconds } from '../template/duration.ts';
import { anything, CallError, fn, type TemplateFunction, text } from '../template/function.ts';
import { formatTime, parseTime, ZERO_TIME } from '../template/time-layout.ts';
import { TimeParseError } from '../template/time-parts.ts';
import { localZone, namedZone, UTC } from '../template/time-zone.ts';
import { integerOf, Time, type Value, type Zone } from '../template/value.ts';
import { parseInt64 } from './convert.ts';

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

const now = (zone: Zone = localZone()): Time => new Time(BigInt(Date.now()) * NANOSECONDS_PER_MILLISECOND, zone);

/** A time, or seconds since 1970; anything else is now. */
function timeOf(value: Value): Time {
  if (value instanceof Time) return value;
  const seconds = integerOf(value);
  return seconds === null ? now() : timeAt(seconds, localZone());
}

const inZone = (value: Value, zone: Zone): Time => new Time(timeOf(value).unixNanoseconds, zone);

/** A place that nobody knows has UTC's clocks. */
const zoneCalled = (name: string): Zone => namedZone(name) ?? UTC;

const dateInZone = fn([text('layout'), anything('time'), text('zone')], (layout, time, zone) =>
  formatTime(layout, inZone(time, zoneCalled(zone))),
);

const shifted = (change: string, time: Value): Time | null => {
  const nanoseconds = parseNanoseconds(change);
  const from = timeOf(time);
  return nanoseconds === null ? null : new Time(from.unixNanoseconds + nanoseconds, from.zone);
};

const dateModify = fn([text('change'), anything('time')], (change, time) => shifted(change, time) ?? timeOf(time));

const mustDateModify = fn([text('change'), anything('time')], (change, time) => {
  const result = shifted(change, time);
  if (result === null) throw new CallError(`wants a duration like -1.5h or 30m, not ${JSON.stringify(change)}`, { argument: 0 });
  return result;
});

function toDate(layout: string, from: string): Time {
  try {
    return parseTime(layout, from, localZone());
  } catch (cause) {
    if (!(cause instanceof TimeParseError)) throw cause;
    throw new CallError(cause.message, { argument: 1, cause });
  }
}

/** Seconds since then, without a fraction. */
const ago = (time: Value): string => {
  const elapsed = now().unixNanoseconds - timeOf(time).unixNanoseconds;
  return durationText((elapsed / NANOSECONDS_PER_SECOND) * NANOSECONDS_PER_SECOND);
};

/** Seconds as a duration; what is no number of them is none. */
const secondsOf = (value: Value): bigint => (typeof value === 'string' ? parseInt64(value) : integerOf(value)) ?? 0n;

const ROUND_UNITS: readonly (readonly [name: string, hours: number])[] = [
  ['y', 24 * 365],
  ['mo', 24 * 30],
  ['d', 24],
  ['h', 1],
  ['m', 1 / 60],
  ['s', 1 / 3600],
];

const NANOSECONDS_PER_HOUR = 3_600_000_000_000;

/** The one unit that says most about a duration: it must be in there more than once. */
function durationRound(value: Value): string {
  const nanoseconds = Math.abs(Number(nanosecondsOf(value)));
  const unit = ROUND_UNITS.find(([, hours]) => nanoseconds > Math.round(hours * NANOSECONDS_PER_HOUR));
  return unit === undefined ? '0s' : `${Math.floor(nanoseconds / Math.round(unit[1] * NANOSECONDS_PER_HOUR))}${unit[0]}`;
}

function nanosecondsOf(value: Value): bigint {
  if (value instanceof Time) return now().unixNanoseconds - value.unixNanoseconds;
  return (typeof value === 'string' ? parseNanoseconds(value) : integerOf(value)) ?? 0n;
}

const HTML_DATE = '2006-01-02';

export const dates: Readonly<Record<string, TemplateFunction>> = {
  now: fn([], () => now()),
  ago: fn([anything('time')], ago),
  date: fn([text('layout'), anything('time')], (layout, time) => formatTime(layout, inZone(time, localZone()))),
  dateInZone,
  date_in_zone: dateInZone,
  duration: fn([anything('seconds')], seconds => durationText(secondsOf(seconds) * NANOSECONDS_PER_SECOND)),
  durationRound: fn([anything('duration')], durationRound),
  unixEpoch: fn([anything('time')], time => String(unixSecondsOf(timeOf(time)))),
  dateModify,
  date_modify: dateModify,
  mustDateModify,
  must_date_modify: mustDateModify,
  htmlDate: fn([anything('time')], time => formatTime(HTML_DATE, inZone(time, localZone()))),
  htmlDateInZone: fn([anything('time'), text('zone')], (time, zone) => formatTime(HTML_DATE, inZone(time, zoneCalled(zone)))),
  toDate: fn([text('layout'), text('text')], (layout, from) => {
    try {
      return toDate(layout, from);
    } catch (error) {
      if (error instanceof CallError) return ZERO_TIME;
      throw error;
    }
  }),
  mustToDate: fn([text('layout'), text('text')], toDate),
};
