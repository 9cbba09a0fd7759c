/** Cuts a Go template into text and actions, and actions into tokens. Every token knows its place. */
import type { Span } from '../tree.ts';
import { templateError } from './template-error.ts';

export type Chunk =
  | { readonly type: 'text'; readonly span: Span }
  | { readonly type: 'action'; readonly span: Span; readonly tokens: readonly Token[] };

export type Token = {
  readonly type: 'word' | 'field' | 'variable' | 'text' | 'character' | 'number' | 'sign';
  readonly span: Span;
  /** As it is written. */
  readonly text: string;
  /** Nothing is between it and the token before: `.a.b` is one operand, `.a .b` are two. */
  readonly isAttached: boolean;
};

const OPEN = '{{';
const CLOSE = '}}';

/** The template's pieces in their order, without comments; text is trimmed where `{{-` and `-}}` say so. */
export function chunksOf(template: string): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let at = 0;
  let trimStart = false;
  while (at < template.length) {
    const open = template.indexOf(OPEN, at);
    const textEnd = open === -1 ? template.length : open;
    const trimEnd = open !== -1 && /^-\s/.test(template.slice(open + OPEN.length, open + OPEN.length + 2));
    const text = trimmed(template, { start: at, end: textEnd }, trimStart, trimEnd);
    if (text.end > text.start) chunks.push({ type: 'text', span: text });
    if (open === -1) break;
    const action = lexAction(template, open, trimEnd);
    if (action.tokens !== null) chunks.push({ type: 'action', span: { start: open, end: action.end }, tokens: action.tokens });
    at = action.end;
    trimStart = action.trimsNext;
  }
  return chunks;
}

const WHITE = ' \t\r\n';

function trimmed(template: string, { start, end }: Span, trimStart: boolean, trimEnd: boolean): Span {
  let [from, to] = [start, end];
  while (trimStart && from < to && WHITE.includes(template[from] ?? '')) from += 1;
  while (trimEnd && to > from && WHITE.includes(template[to - 1] ?? '')) to -= 1;
  return { start: from, end: to };
}

/** One action from its `{{` on; `tokens` is null for a comment. */
type Action = { readonly tokens: readonly Token[] | null; readonly end: number; readonly trimsNext: boolean };

function lexAction(template: string, open: number, hasTrimMark: boolean): Action {
  const start = open + OPEN.length + (hasTrimMark ? 2 : 0);
  return template.startsWith('/*', start) ? lexComment(template, open, start) : lexTokens(template, open, start);
}

function lexComment(template: string, open: number, start: number): Action {
  const end = template.indexOf('*/', start);
  const [closing, trim] = /^(\s-)?\}\}/.exec(template.slice(end + 2, end + 6)) ?? [];
  if (end === -1) throw templateError({ start: open, end: open + OPEN.length }, 'the comment has no end', { expected: '*/}}' });
  if (closing === undefined) {
    throw templateError({ start: end, end: end + 2 }, 'the action goes on behind a comment', { expected: '*/}}' });
  }
  return { tokens: null, end: end + 2 + closing.length, trimsNext: trim !== undefined };
}

function lexTokens(template: string, open: number, start: number): Action {
  const tokens: Token[] = [];
  let at = start;
  for (;;) {
    const [space = ''] = sticky(SPACE, template, at);
    const [closing] = sticky(CLOSING, template, at);
    if (closing !== undefined) return { tokens, end: at + closing.length, trimsNext: closing.endsWith(`-${CLOSE}`) };
    at += space.length;
    const token = lexToken(template, at, open, space === '' && tokens.length > 0);
    tokens.push(token);
    at = token.span.end;
  }
}

const SPACE = /\s+/y;

/** A minus with a space before it trims what follows. */
const CLOSING = /\s*\}\}|\s+-\}\}/y;

const TOKENS: readonly (readonly [Token['type'], RegExp])[] = [
  ['number', /[+-]?(?:\.\d|\d)[\w.]*(?:(?<=[eEpP])[+-][\w.]*)?/y],
  ['field', /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ['variable', /\$[\p{L}\p{N}_]*/uy],
  ['word', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['text', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['character', /'(?:[^'\\\n]|\\.)*'/y],
  ['sign', /:=|[.|,=()]/y],
];

function lexToken(template: string, at: number, open: number, isAttached: boolean): Token {
  for (const [type, pattern] of TOKENS) {
    const [text] = sticky(pattern, template, at);
    if (text !== undefined) return { type, text, span: { start: at, end: at + text.length }, isAttached };
  }
  throw unreadable(template, at, open);
}

function unreadable(template: string, at: number, open: number): Error {
  const character = template[at];
  if (character === undefined) {
    return templateError({ start: open, end: open + OPEN.length }, 'the action has no end', { expected: '}}' });
  }
  const span = { start: at, end: at + 1 };
  if (character === '"' || character === "'") {
    return templateError(span, 'the text has no end on this line', { expected: character });
  }
  if (character === '`') return templateError(span, 'the raw text has no end', { expected: '`' });
  return templateError(span, `\`${character}\` means nothing in an action`);
}

function sticky(pattern: RegExp, text: string, at: number): readonly string[] {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? [];
}
