/** Go's constants: numbers, texts and characters. */
import type { Value } from './value.ts';

const INTEGER = /^[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[oO]?(?:_?[0-7])+|0[bB](?:_?[01])+|0|[1-9](?:_?\d)*)$/;
const FLOAT = /^[+-]?(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d+)?$/;

/** `undefined`: no number that a template can have. */
export function parseNumber(text: string): Value | undefined {
  if (INTEGER.test(text)) return parseInteger(text.replaceAll('_', ''));
  return FLOAT.test(text) ? Number(text.replaceAll('_', '')) : undefined;
}

function parseInteger(text: string): bigint | undefined {
  const magnitude = text.replace(/^[+-]/, '').replace(/^0(?=\d)/, '0o');
  const value = text.startsWith('-') ? -BigInt(magnitude) : BigInt(magnitude);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** The content of a text in double quotes or backquotes; `undefined`: an escape that Go does not have. */
export const parseText = (text: string): string | undefined =>
  text.startsWith('`') ? text.slice(1, -1).replaceAll('\r', '') : unescaped(text.slice(1, -1), '"');

/** `'x'` is the number of the character. */
export function parseCharacter(text: string): Value | undefined {
  const characters = [...(unescaped(text.slice(1, -1), "'") ?? '')];
  return characters.length === 1 ? BigInt(characters[0]?.codePointAt(0) ?? 0) : undefined;
}

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs;

const SHORT: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' };

function unescaped(escaped: string, quote: string): string | undefined {
  let isValid = true;
  const text = escaped.replace(ESCAPE, (_, hex?: string, short?: string, long?: string, octal?: string, letter?: string) => {
    const code = hex ?? short ?? long;
    if (code !== undefined || octal !== undefined) {
      const point = code === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(code, 16);
      if (point > 0x10ffff) isValid = false;
      return isValid ? String.fromCodePoint(point) : '';
    }
    const plain = letter === quote ? quote : Object.hasOwn(SHORT, letter ?? '') ? SHORT[letter ?? ''] : undefined;
    if (plain === undefined) isValid = false;
    return plain ?? '';
  });
  return isValid ? text : undefined;
}
