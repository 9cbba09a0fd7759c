/** Go's `fmt.Sprintf`: its verbs (but for floats in binary), flags and widths, and its words for arguments that don't fit. */
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
    const { flags = '', width, dot, precision, index, verb } = match.at(-1) as Readonly<Record<string, string | undefined>>;
    const wide = taker.number(width);
    const precise = dot === undefined ? null : (taker.number(precision) ?? 0);
    if (verb === undefined) return '%!(NOVERB)';
    if (verb === '%') return '%';
    const arg = taker.next(index);
    if (typeof arg === 'string') return `%!${verb}(${arg})`;
    const leftAligned = wide !== null && wide < 0 ? '-' : '';
    // A plus before v asks for the names of fields, of which templates have none, not for a sign.
    const meant = `${verb === 'v' ? flags.replaceAll('+', '') : flags}${leftAligned}`;
    return formatted(arg.value, { verb, flags: meant, width: wide === null ? null : Math.abs(wide), precision: precise });
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
  const { verb, flags } = directive;
  if (verb === 'T') return padded(cut(typeOf(value), directive), directive, 'text');
  if (verb === 'v' && flags.includes('#')) return padded(goSyntax(value), directive, 'text');
  if (value instanceof List) return `[${value.items.map(item => inList(item, directive)).join(' ')}]`;
  if (value instanceof Dict) {
    return `map[${sortedEntries(value)
      .map(([key, item]) => `${formatted(key, directive)}:${inList(item, directive)}`)
      .join(' ')}]`;
  }
  if (value === null) return verb === 'v' ? padded('<nil>', directive, 'text') : `%!${verb}(<nil>)`;
  const text = verbText(value, verb === 'v' ? { ...directive, verb: usualVerb(value) } : directive);
  if (text !== null) return padded(text, directive, isNumeric(value) && !CHARACTER_VERBS.includes(verb) ? 'number' : 'text');
  return `%!${verb}(${typeOf(value)}=${formatted(value, { ...directive, verb: 'v' })})`;
}

/** Nothing is no bad argument in a list. */
const inList = (value: Value, directive: Directive): string =>
  value === null && directive.verb !== 'v' ? '<nil>' : formatted(value, directive);

const isNumeric = (value: Value): boolean => typeof value === 'number' || integerOf(value) !== null;

/** Of a number they show a character. */
const CHARACTER_VERBS = 'cqU';

/** What `%v` means for a value. */
function usualVerb(value: Value): string {
  if (integerOf(value) !== null) return 'd';
  if (typeof value === 'number') return 'g';
  return typeof value === 'boolean' ? 't' : 's';
}

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
  const [radix, prefix] = BASES.get(verb) ?? [];
  if (radix === undefined || prefix === undefined) return characterText(value, verb, flags);
  const sign = value < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const magnitude = value === 0n && precision === 0 ? '' : (value < 0n ? -value : value).toString(radix);
  const hasLead = flags.includes('#') || verb === 'O';
  const zeros = precision ?? (isZeroPadded(flags) && width !== null ? width - sign.length - (hasLead ? prefix.length : 0) : 0);
  const digits = magnitude.padStart(zeros, '0');
  const lead = hasLead && !(verb === 'o' && digits.startsWith('0')) ? prefix : '';
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
  if (verb === 'q') {
    return flags.includes('#') && !/[`\p{Cc}]/u.test(cut) ? `\`${cut}\`` : quoted(cut, { ascii: flags.includes('+') });
  }
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

/** A precision of a text counts its characters. */
const cut = (text: string, { precision }: Pick<Directive, 'precision'>): string =>
  precision === null ? text : [...text].slice(0, precision).join('');

/** Zeros fill numbers behind their sign, which is known elsewhere; texts are filled here. */
function padded(text: string, { flags, width }: Directive, kind: 'number' | 'text'): string {
  const missing = ' '.repeat(Math.max(0, (width ?? 0) - [...text].length));
  if (flags.includes('-')) return text + missing;
  return (isZeroPadded(flags) && kind === 'text' ? missing.replaceAll(' ', '0') : missing) + text;
}
