/** Go's `fmt.Sprintf`: verbs, flags, widths, and its words for arguments that don't fit. */
import { formatExponent, formatFixed, formatGeneral } from './decimal.ts';
import { CallError } from './function.ts';
import { quoted, quotedCharacter } from './go-string.ts';
import { plainText } from './print.ts';
import { Dict, integerOf, List, SizedInteger, sortedEntries, Time, typeOf, type Value } from './value.ts';

/** Wider than any line of a jobfile; Go's own limit is a million. */
const MOST_WIDTH = 10_000;

/** What a directive asks for. */
type Directive = {
  readonly verb: string;
  readonly flags: string;
  readonly width: number | null;
  readonly precision: number | null;
};

/** `[1]` before a star or the verb names the argument to take; a star takes the number from the arguments. */
const DIRECTIVE =
  /%(?<flags>[-+# 0]*)(?<width>(?:\[\d+\])?\*|\d+)?(?<dot>\.(?<precision>(?:\[\d+\])?\*|\d+)?)?(?<index>\[\d+\])?(?<verb>.)?/gsu;

export function printf(format: string, args: readonly Value[]): string {
  const taker = argumentTaker(args);
  const text = format.replace(DIRECTIVE, (...match) => {
    const { flags, width, dot, precision, index, verb } = match.at(-1) as Readonly<Record<string, string | undefined>>;
    const wide = taker.number(width);
    const precise = dot === undefined ? null : (taker.number(precision) ?? 0);
    if (verb === undefined) return '%!(NOVERB)';
    if (verb === '%') return '%';
    const arg = taker.next(index);
    if (typeof arg === 'string') return `%!${verb}(${arg})`;
    const leftAligned = wide !== null && wide < 0 ? '-' : '';
    return formatted(arg.value, {
      verb,
      flags: `${flags}${leftAligned}`,
      width: wide === null ? null : Math.abs(wide),
      precision: precise,
    });
  });
  return text + taker.extra();
}

/** Hands out the arguments, one after the other or by number. */
function argumentTaker(args: readonly Value[]) {
  let at = 0;
  let isReordered = false;
  const goTo = (index: string): void => {
    at = Number(index.slice(1, -1)) - 1;
    isReordered = true;
  };
  return {
    /** `12`, `*` or `[2]*`. */
    number(text: string | undefined): number | null {
      if (text === undefined) return null;
      if (text.startsWith('[')) goTo(text.slice(0, -1));
      const value = text.endsWith('*') ? Number(integerOf(args[at] ?? null) ?? 0n) : Number(text);
      if (text.endsWith('*')) at += 1;
      if (Math.abs(value) > MOST_WIDTH) throw new CallError(`takes widths up to ${MOST_WIDTH}, not ${value}`);
      return value;
    },
    /** The next argument, or what is wrong with it. */
    next(index: string | undefined): { readonly value: Value } | 'MISSING' | 'BADINDEX' {
      if (index !== undefined) goTo(index);
      const value = args[at];
      if (value === undefined) return index === undefined ? 'MISSING' : 'BADINDEX';
      at += 1;
      return { value };
    },
    /** What nobody asked for. */
    extra(): string {
      if (isReordered || at >= args.length) return '';
      const rest = args.slice(at).map(arg => (arg === null ? '<nil>' : `${typeOf(arg)}=${plainText(arg)}`));
      return `%!(EXTRA ${rest.join(', ')})`;
    },
  };
}

function formatted(value: Value, directive: Directive): string {
  const { verb } = directive;
  if (verb === 'T') return padded(typeOf(value), directive);
  if (verb === 'v')
    return directive.flags.includes('#')
      ? padded(goSyntax(value), directive)
      : padded(general(value, directive), directive, value);
  if (value instanceof List) return `[${value.items.map(item => formatted(item, directive)).join(' ')}]`;
  if (value instanceof Dict) {
    const entries = sortedEntries(value).map(([key, item]) => `${formatted(key, directive)}:${formatted(item, directive)}`);
    return `map[${entries.join(' ')}]`;
  }
  const text = verbText(value, directive);
  return text === null ? mismatch(value, verb) : padded(text, directive, value);
}

/** `%v`: a precision and a sign count for numbers, whatever list they are in. */
function general(value: Value, directive: Directive): string {
  if (typeof value === 'number') return verbText(value, { ...directive, verb: 'g' }) ?? '';
  if (typeof value === 'string' && directive.precision !== null) return [...value].slice(0, directive.precision).join('');
  return integerOf(value) === null ? plainText(value) : (verbText(value, { ...directive, verb: 'd' }) ?? '');
}

const mismatch = (value: Value, verb: string): string =>
  value === null ? `%!${verb}(<nil>)` : `%!${verb}(${typeOf(value)}=${plainText(value)})`;

/** `null`: the verb is not for such values. */
function verbText(value: Value, directive: Directive): string | null {
  const integer = integerOf(value);
  if (integer !== null) return integerText(integer, directive);
  if (typeof value === 'number') return floatText(value, directive);
  if (typeof value === 'string') return stringText(value, directive);
  if (typeof value === 'boolean') return directive.verb === 't' ? String(value) : null;
  if (value instanceof Time) return stringText(plainText(value), directive);
  return null;
}

const BASES: ReadonlyMap<string, readonly [base: number, prefix: string]> = new Map([
  ['d', [10, '']],
  ['b', [2, '0b']],
  ['o', [8, '0']],
  ['O', [8, '0o']],
  ['x', [16, '0x']],
  ['X', [16, '0X']],
]);

function integerText(value: bigint, { verb, flags, precision, width }: Directive): string | null {
  const base = BASES.get(verb);
  if (base === undefined) return characterText(value, verb, flags);
  const [radix, prefix] = base;
  const sign = value < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const lead = flags.includes('#') || verb === 'O' ? prefix : '';
  const magnitude = (value < 0n ? -value : value).toString(radix);
  const zeros = precision ?? (isZeroPadded(flags) && width !== null ? width - sign.length - lead.length : 0);
  const digits = magnitude.padStart(zeros, '0');
  return sign + lead + (verb === 'X' ? digits.toUpperCase() : digits);
}

function characterText(value: bigint, verb: string, flags: string): string | null {
  const code = value >= 0n && value <= 0x10ffffn ? Number(value) : 0xfffd;
  if (verb === 'c') return String.fromCodePoint(code);
  if (verb === 'q') return quotedCharacter(code, { ascii: flags.includes('+') });
  if (verb !== 'U') return null;
  const point = `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
  return flags.includes('#') ? `${point} '${String.fromCodePoint(code)}'` : point;
}

function floatText(value: number, { verb, flags, precision, width }: Directive): string | null {
  const format = FLOAT_FORMATS.get(verb);
  if (format === undefined) return null;
  const text = format(value, precision);
  const sign = /^[-+]/.test(text) ? '' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const wide = isZeroPadded(flags) && width !== null && Number.isFinite(value) ? zeroFilled(sign + text, width) : sign + text;
  return verb === 'E' || verb === 'G' ? wide.toUpperCase() : wide;
}

type FloatFormat = (value: number, precision: number | null) => string;

const exponent: FloatFormat = (value, precision) => formatExponent(value, precision ?? 6);
const fixed: FloatFormat = (value, precision) => formatFixed(value, precision ?? 6);

const FLOAT_FORMATS: ReadonlyMap<string, FloatFormat> = new Map([
  ['e', exponent],
  ['E', exponent],
  ['f', fixed],
  ['F', fixed],
  ['g', formatGeneral],
  ['G', formatGeneral],
]);

const zeroFilled = (text: string, width: number): string => {
  const sign = /^[-+ ]?/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
};

function stringText(value: string, { verb, flags, precision }: Directive): string | null {
  const cut = precision === null ? value : [...value].slice(0, precision).join('');
  if (verb === 's') return cut;
  if (verb === 'q')
    return flags.includes('#') && !/[`\p{Cc}]/u.test(cut) ? `\`${cut}\`` : quoted(cut, { ascii: flags.includes('+') });
  if (verb !== 'x' && verb !== 'X') return null;
  const bytes = [...Buffer.from(value)].slice(0, precision ?? undefined).map(byte => byte.toString(16).padStart(2, '0'));
  const prefix = flags.includes('#') && bytes.length > 0 ? '0x' : '';
  const hex = flags.includes(' ') ? bytes.map(byte => prefix + byte).join(' ') : prefix + bytes.join('');
  return verb === 'X' ? hex.toUpperCase() : hex;
}

/** `%#v`: as Go's source would say it. */
function goSyntax(value: Value): string {
  if (value === null) return '<nil>';
  if (typeof value === 'string') return quoted(value);
  if (value instanceof List) return `${typeOf(value)}{${value.items.map(item => elementSyntax(item)).join(', ')}}`;
  if (value instanceof Dict) {
    return `${typeOf(value)}{${sortedEntries(value)
      .map(([key, item]) => `${quoted(key)}:${elementSyntax(item)}`)
      .join(', ')}}`;
  }
  return value instanceof SizedInteger && value.type === 'uint8' ? `0x${value.value.toString(16)}` : plainText(value);
}

const elementSyntax = (value: Value): string => (value === null ? 'interface {}(nil)' : goSyntax(value));

const isZeroPadded = (flags: string): boolean => flags.includes('0') && !flags.includes('-');

/** Zeros pad numbers where their sign is known; texts are padded here. */
function padded(text: string, { flags, width }: Directive, value: Value = null): string {
  if (width === null) return text;
  const fill = isZeroPadded(flags) && typeof value === 'string' ? '0' : ' ';
  const missing = Math.max(0, width - [...text].length);
  return flags.includes('-') ? text + ' '.repeat(missing) : fill.repeat(missing) + text;
}
