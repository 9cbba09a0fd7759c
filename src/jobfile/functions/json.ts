/** JSON as Go writes and reads it: keys in order, `<`, `>` and `&` escaped unless it is raw, all numbers floats. */
import { formatExponent, formatFixed } from '../template/decimal.ts';
import { formatTime } from '../template/time-layout.ts';
import { Dict, integerOf, List, listOf, sortedEntries, Time, type Value } from '../template/value.ts';

/** `indent`: what each level is indented by; `''` for everything on one line. */
export function toJson(
  value: Value,
  { indent = '', raw = false }: { readonly indent?: string; readonly raw?: boolean } = {},
): string {
  return write(value, '');

  function write(part: Value, margin: string): string {
    if (part instanceof List) {
      return bracketed(
        '[',
        ']',
        part.items.map(item => write(item, margin + indent)),
        margin,
      );
    }
    if (part instanceof Dict) {
      const entries = sortedEntries(part).map(
        ([key, item]) => `${text(key)}:${indent === '' ? '' : ' '}${write(item, margin + indent)}`,
      );
      return bracketed('{', '}', entries, margin);
    }
    if (typeof part === 'string') return text(part);
    if (part instanceof Time) return text(formatTime('2006-01-02T15:04:05.999999999Z07:00', part));
    return typeof part === 'number' ? numberText(part) : String(integerOf(part) ?? part);
  }

  function bracketed(open: string, close: string, parts: readonly string[], margin: string): string {
    if (parts.length === 0 || indent === '') return open + parts.join(',') + close;
    return `${open}\n${parts.map(part => margin + indent + part).join(',\n')}\n${margin}${close}`;
  }

  function text(from: string): string {
    const escaped = JSON.stringify(from.toWellFormed())
      .replace(/[\u2028\u2029\x7f]/g, character => (character === '\x7f' ? character : unicodeEscape(character)))
      .replace(/\\[bf]/g, short => (short === '\\b' ? '\\u0008' : '\\u000c'));
    return raw ? escaped : escaped.replace(/[<>&]/g, unicodeEscape);
  }
}

const unicodeEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Like `%v`, but with an exponent only for what is very big or very small, and of one digit if that is enough. */
function numberText(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-6 || magnitude >= 1e21)) return formatExponent(value, null).replace(/e([+-])0/, 'e$1');
  return formatFixed(value, null);
}

/** Throws a `SyntaxError` for what is no JSON. */
export function fromJson(text: string): Value {
  return fromPlain(JSON.parse(text));
}

function fromPlain(plain: unknown): Value {
  if (Array.isArray(plain)) return listOf(plain.map(fromPlain));
  if (typeof plain === 'object' && plain !== null) {
    return new Dict(Object.entries(plain).map(([key, item]) => [key, fromPlain(item)]));
  }
  return plain as null | boolean | number | string;
}
