/** What clocks of a place show: offsets and abbreviations, out of the time zone database that Node brings along. */
import type { Zone } from './value.ts';

export const UTC: Zone = { type: 'named', name: 'UTC' };

/** Where this program runs. */
export const localZone = (): Zone => ({ type: 'named', name: Intl.DateTimeFormat().resolvedOptions().timeZone });

/** The place of that name in the database; `null` when it has none. */
export function namedZone(name: string): Zone | null {
  if (name === '' || name === 'UTC') return UTC;
  if (name === 'Local') return localZone();
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return { type: 'named', name };
  } catch {
    return null;
  }
}

/** Seconds east of Greenwich at that moment. */
export function offsetSeconds(zone: Zone, unixMs: number): number {
  if (zone.type === 'fixed') return zone.offsetSeconds;
  if (zone.name === 'UTC' || !isDate(unixMs)) return 0;
  const text = zoneName(zone.name, unixMs, 'longOffset');
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = /GMT([+-])(\d+):?(\d+)?:?(\d+)?/.exec(text) ?? [];
  const magnitude = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === '-' ? -magnitude : magnitude;
}

/** `CET`, `EST`; where people have no such name, the offset: `+05`, `-0330`. */
export function abbreviation(zone: Zone, unixMs: number): string {
  if (zone.type === 'fixed') return zone.name === '' ? numericOffset(zone.offsetSeconds).padEnd(5, '0') : zone.name;
  if (zone.name === 'UTC' || !isDate(unixMs)) return 'UTC';
  const offset = offsetSeconds(zone, unixMs);
  // Intl has abbreviations of our days only: those of a winter and a summer day with the same offset.
  const moments = [unixMs, WINTER_MS, SUMMER_MS].filter(moment => offsetSeconds(zone, moment) === offset);
  for (const moment of moments) {
    const text = shortName(zone.name, moment);
    if (text !== null) return text;
  }
  return FURTHER_ABBREVIATIONS.get(zone.name) ?? numericOffset(offset);
}

const WINTER_MS = Date.UTC(2020, 0, 15);
const SUMMER_MS = Date.UTC(2020, 6, 15);

/** Intl knows an abbreviation only in the English of those who use it. */
function shortName(zone: string, unixMs: number): string | null {
  for (const locale of ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA', 'en-NZ', 'en-CA']) {
    const text = zoneName(zone, unixMs, 'short', locale);
    if (!/^(GMT|UTC)[+-]/.test(text)) return text;
  }
  return null;
}

/** Names that the database has and Intl's English lacks, of places without summer time. */
const FURTHER_ABBREVIATIONS: ReadonlyMap<string, string> = new Map([
  ['Asia/Tokyo', 'JST'],
  ['Asia/Seoul', 'KST'],
  ['Asia/Shanghai', 'CST'],
  ['Asia/Hong_Kong', 'HKT'],
  ['Asia/Taipei', 'CST'],
  ['Asia/Manila', 'PST'],
  ['Asia/Jakarta', 'WIB'],
  ['Asia/Karachi', 'PKT'],
  ['Europe/Moscow', 'MSK'],
]);

const numericOffset = (seconds: number): string => {
  const magnitude = Math.abs(seconds);
  const hours = String(Math.floor(magnitude / 3600)).padStart(2, '0');
  const minutes = Math.floor((magnitude % 3600) / 60);
  return `${seconds < 0 ? '-' : '+'}${hours}${minutes === 0 ? '' : String(minutes).padStart(2, '0')}`;
};

const zoneName = (timeZone: string, unixMs: number, timeZoneName: 'short' | 'longOffset', locale = 'en-US'): string =>
  new Intl.DateTimeFormat(locale, { timeZone, timeZoneName }).formatToParts(unixMs).find(({ type }) => type === 'timeZoneName')
    ?.value ?? '';

/** JavaScript's dates end some 270,000 years from now; Go's do not. */
const isDate = (unixMs: number): boolean => Math.abs(unixMs) <= 8.64e15;
