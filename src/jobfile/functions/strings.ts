/** Texts: trimming, case, cutting, joining. Positions and lengths count bytes, as in Go. */

import {
  anything,
  type CallContext,
  CallError,
  fn,
  integer,
  type TemplateFunction,
  text,
  variadic,
} from '../template/function.ts';
import { byteLength, quoted, sliceBytes } from '../template/go-string.ts';
import type { Value } from '../template/value.ts';

/** Go's white space: Unicode's `White_Space`. */
const SPACE = /^\p{White_Space}+|\p{White_Space}+$/gu;

const trimmedOf = (cutset: string, from: string): string => {
  const isCut = (character: string | undefined) => character !== undefined && cutset.includes(character);
  const characters = [...from];
  let [start, end] = [0, characters.length];
  while (start < end && isCut(characters[start])) start += 1;
  while (end > start && isCut(characters[end - 1])) end -= 1;
  return characters.slice(start, end).join('');
};

/** Character by character: what would become several (`ß`) stays, and no place in a word matters (`Σ`). */
const mapped = (from: string, map: (character: string) => string): string => {
  if (/^\p{ASCII}*$/u.test(from)) return map(from);
  return Array.from(from, character => {
    const [first, ...more] = map(character);
    return more.length === 0 && first !== undefined ? first : character;
  }).join('');
};

const upper = (from: string): string => mapped(from, characters => characters.toUpperCase());
const lower = (from: string): string => mapped(from, characters => characters.replace('İ', 'i').toLowerCase());

/** Capitals at the beginnings of words: after all that is no letter, no digit and no underscore. */
const title = (from: string): string =>
  from.replace(/(?<![\p{L}\p{N}_]|[^\p{ASCII}\p{White_Space}])\p{L}/gu, letter => titleCase(letter));
const titleCase = (letter: string): string => TITLE_CASE.get(letter) ?? upper(letter);

/** Letters of two letters, of which only the first becomes a capital. */
const TITLE_CASE: ReadonlyMap<string, string> = new Map([
  ['ǆ', 'ǅ'],
  ['ǉ', 'ǈ'],
  ['ǌ', 'ǋ'],
  ['ǳ', 'ǲ'],
]);

const repeat = (count: number, piece: string, spendText: CallContext['spendText']): string => {
  if (count < 0) throw new CallError(`can't make something ${count} times`, { argument: 0 });
  spendText(count * piece.length);
  return piece.repeat(count);
};

const indent = (spaces: number, lines: string, spendText: CallContext['spendText']): string => {
  const pad = repeat(spaces, ' ', spendText);
  spendText(pad.length * (lines.split('\n').length - 1));
  return pad + lines.replaceAll('\n', `\n${pad}`);
};

const trunc = (length: number, from: string): string => {
  const size = byteLength(from);
  if (length < 0) return size + length > 0 ? sliceBytes(from, size + length) : from;
  return size > length ? sliceBytes(from, 0, length) : from;
};

/** A negative start is the beginning; an end that is negative or too far is the end. */
const substr = (start: number, end: number, from: string): string => {
  const size = byteLength(from);
  if (start < 0) return part(from, 0, end, size);
  return end < 0 || end > size ? part(from, start, size, size) : part(from, start, end, size);
};

function part(from: string, start: number, end: number, size: number): string {
  if (start > end || end < 0 || end > size) throw new CallError(`can't take bytes ${start} to ${end} of a text of ${size}`);
  return sliceBytes(from, start, end);
}

const present = (values: readonly Value[]): readonly Value[] => values.filter(value => value !== null);

export const strings: Readonly<Record<string, TemplateFunction>> = {
  trim: fn([text('text')], from => from.replace(SPACE, '')),
  trimAll: fn([text('characters'), text('text')], trimmedOf),
  trimall: fn([text('characters'), text('text')], trimmedOf),
  trimSuffix: fn([text('suffix'), text('text')], (suffix, from) =>
    suffix !== '' && from.endsWith(suffix) ? from.slice(0, -suffix.length) : from,
  ),
  trimPrefix: fn([text('prefix'), text('text')], (prefix, from) => (from.startsWith(prefix) ? from.slice(prefix.length) : from)),
  upper: fn([text('text')], upper),
  lower: fn([text('text')], lower),
  title: fn([text('text')], title),
  repeat: fn([integer('count'), text('text')], (count, piece, { spendText }) => repeat(count, piece, spendText)),
  substr: fn([integer('start'), integer('end'), text('text')], substr),
  trunc: fn([integer('length'), text('text')], trunc),
  contains: fn([text('part'), text('text')], (part, from) => from.includes(part)),
  hasPrefix: fn([text('prefix'), text('text')], (prefix, from) => from.startsWith(prefix)),
  hasSuffix: fn([text('suffix'), text('text')], (suffix, from) => from.endsWith(suffix)),
  quote: variadic([], anything('value'), (values, { textOf }) =>
    present(values)
      .map(value => quoted(textOf(value)))
      .join(' '),
  ),
  squote: variadic([], anything('value'), (values, { textOf }) =>
    present(values)
      .map(value => `'${textOf(value)}'`)
      .join(' '),
  ),
  cat: variadic([], anything('value'), (values, { textOf }) => present(values).map(textOf).join(' ')),
  indent: fn([integer('spaces'), text('text')], (spaces, lines, { spendText }) => indent(spaces, lines, spendText)),
  nindent: fn([integer('spaces'), text('text')], (spaces, lines, { spendText }) => `\n${indent(spaces, lines, spendText)}`),
  replace: fn([text('old'), text('new'), text('text')], (old, replacement, from, { spendText }) => {
    const parts = old === '' ? ['', ...from, ''] : from.split(old);
    spendText(parts.length * replacement.length);
    return parts.join(replacement);
  }),
  plural: fn([text('one'), text('many'), integer('count')], (one, many, count) => (count === 1 ? one : many)),
  hello: fn([], () => 'Hello!'),
};
