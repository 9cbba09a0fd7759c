/** The Gregorian calendar, in both directions without end, which JavaScript's dates are not. Days count from 1970-01-01. */

export type CalendarDay = {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
};

export const MONTHS = [
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

export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

const DAYS_PER_ERA = 146_097;
const DAYS_TO_1970 = 719_468;

/** Years begin in March here, so that a leap day is the last of its year (Howard Hinnant's `days_from_civil`). */
export function daysOf({ year, month, day }: CalendarDay): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - DAYS_TO_1970;
}

/** The inverse of {@link daysOf}. */
export function dayAt(days: number): CalendarDay {
  const shifted = days + DAYS_TO_1970;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const leapDays = Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** From 1. */
export const dayOfYear = (date: CalendarDay): number => daysOf(date) - daysOf({ year: date.year, month: 1, day: 1 }) + 1;

export const daysInYear = (year: number): number => dayOfYear({ year, month: 12, day: 31 });

export const daysInMonth = (year: number, month: number): number =>
  month === 12 ? 31 : daysOf({ year, month: month + 1, day: 1 }) - daysOf({ year, month, day: 1 });

export const weekdayOf = (days: number): (typeof WEEKDAYS)[number] => WEEKDAYS[(((days + 4) % 7) + 7) % 7] ?? 'Sunday';
