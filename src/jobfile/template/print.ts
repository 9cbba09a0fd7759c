/** Values as text, the way Go's templates write them (`%v`). */
import { shortest } from './decimal.ts';
import { timeText } from './time-layout.ts';
import { Dict, List, SizedInteger, sortedEntries, Time, type Value } from './value.ts';

/** What a Go template writes where there is nothing. */
export const NO_VALUE = '<no value>';

/** A value inside of text, of a list or of a dict. */
export function plainText(value: Value): string {
  if (value === null) return '<nil>';
  if (typeof value === 'number') return shortest(value);
  if (value instanceof List) return `[${value.items.map(plainText).join(' ')}]`;
  if (value instanceof Dict) {
    return `map[${sortedEntries(value)
      .map(([key, item]) => `${key}:${plainText(item)}`)
      .join(' ')}]`;
  }
  if (value instanceof SizedInteger) return String(value.value);
  if (value instanceof Time) return timeText(value);
  return String(value);
}
