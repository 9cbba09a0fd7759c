/** Go's texts are bytes: lengths and positions count those of UTF-8. */

export const byteLength = (text: string): number => Buffer.byteLength(text);

/** From byte to byte; a character that is cut apart becomes `�`. */
export const sliceBytes = (text: string, start: number, end?: number): string =>
  Buffer.from(text).subarray(start, end).toString();

/** As Go's `strconv.Quote` writes it, between double quotes. */
export function quoted(text: string, { ascii = false }: { readonly ascii?: boolean } = {}): string {
  return `"${[...text].map(character => escaped(character, '"', ascii)).join('')}"`;
}

/** A character as Go writes it, between single quotes. */
export const quotedCharacter = (codePoint: number, { ascii = false }: { readonly ascii?: boolean } = {}): string =>
  `'${escaped(String.fromCodePoint(codePoint), "'", ascii)}'`;

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
]);

/** Go's idea of what can be printed: letters, marks, numbers, punctuation, symbols and the space. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

function escaped(character: string, quote: string, ascii: boolean): string {
  if (character === quote) return `\\${quote}`;
  const short = SHORT_ESCAPES.get(character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (PRINTABLE.test(character) && !(ascii && code > 0x7e)) return character;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}
