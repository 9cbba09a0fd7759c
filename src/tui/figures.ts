/** Times and amounts as people read them at a glance. */

const two = (value: number): string => String(value).padStart(2, '0');

/** `0s`, `59s`, `1m12s`, `2h03m`, `3d04h`. Below zero, as when the server's clock is ahead, counts as zero. */
export const elapsed = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3_600), Math.floor(seconds / 86_400)];
  if (minutes === 0) return `${seconds}s`;
  if (hours === 0) return `${minutes}m${two(seconds % 60)}s`;
  if (days === 0) return `${hours}h${two(minutes % 60)}m`;
  return `${days}d${two(hours % 24)}h`;
};

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

/** `14:02:11`, in the time zone of whoever looks. */
export const clockTime = (at: number): string => {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `14:02` on the day of `now`, else `21 Nov`: six columns at most. */
export const shortTime = (at: number, now: number): string => {
  const date = new Date(at);
  if (date.toDateString() === new Date(now).toDateString()) return `${two(date.getHours())}:${two(date.getMinutes())}`;
  return `${date.getDate()} ${MONTHS[date.getMonth()]}`;
};

/** `1,204`: figures of four digits and more are read faster in groups. */
export const amount = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** Whole percent of `done` in `total`, never 100 before all is done. */
export const percent = (done: number, total: number): number => (total === 0 ? 0 : Math.floor((done / total) * 100));

/** `1 task`, `2 tasks`. */
export const count = (value: number, noun: string): string => `${amount(value)} ${noun}${value === 1 ? '' : 's'}`;
