/** Figures and times as people read them at a glance. */

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `0 B`, `999 B`, `1.0 kB`, `12.3 MB`: decimal units, as docker prints them. */
export const formatBytes = (bytes: number): string => {
  let value = bytes;
  let unit = 0;
  // 999.95 would be rounded to 1000.0.
  while (value >= 999.95 && unit < BYTE_UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
};

/** `0s`, `59s`, `1m12s`, `2h03m`, `3d04h`. Below zero, as when the server's clock is ahead, counts as zero. */
export const formatElapsed = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3_600), Math.floor(seconds / 86_400)];
  if (minutes === 0) return `${seconds}s`;
  if (hours === 0) return `${minutes}m${two(seconds % 60)}s`;
  if (days === 0) return `${hours}h${two(minutes % 60)}m`;
  return `${days}d${two(hours % 24)}h`;
};

const two = (value: number): string => String(value).padStart(2, '0');

/** `done` of `total` in whole percent, never 100 before all is done. */
export const percent = (done: number, total: number): number => (total === 0 ? 0 : Math.floor((done / total) * 100));

/** `1,204`: figures of four digits and more are read faster in groups. */
export const amount = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 task`, `1,204 tasks`. */
export const count = (value: number, noun: string): string => `${amount(value)} ${noun}${value === 1 ? '' : 's'}`;

/** `2026-01-15 12:00:00`, in the time zone of whoever reads it. */
export const formatDate = (ms: number): string => {
  const date = new Date(ms);
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${formatTime(ms)}`;
};

/** `12:00:00`, likewise. */
export const formatTime = (ms: number): string => {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
};
