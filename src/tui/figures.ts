/** Times and settings in the few columns that a dashboard has for them. */
import { formatTime } from '../base/figures.ts';

/** A setting of so many milliseconds, without units that are zero: `5h`, `1m30s`, `500ms`; `none` for 0. */
export const setting = (ms: number): string => {
  if (ms === 0) return 'none';
  if (ms < 1_000) return `${ms}ms`;
  const seconds = Math.round(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join('');
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `14:02` on the day of `now`, else `21 Nov`: six columns at most. */
export const shortTime = (at: number, now: number): string => {
  const date = new Date(at);
  if (date.toDateString() === new Date(now).toDateString()) return formatTime(at).slice(0, 5);
  return `${date.getDate()} ${MONTHS[date.getMonth()]}`;
};
