/** The expressions of Go's templates: operands, calls, pipelines. */
import { nearest } from '../../base/nearest.ts';
import type { Span } from '../tree.ts';
import type { Expression } from './ast.ts';
import { callTo, checkFunction } from './function-call.ts';
import type { Token } from './go-lexer.ts';
import { parseCharacter, parseNumber, parseText } from './go-literal.ts';
import { type TemplateFault, templateError } from './template-error.ts';
import type { Value } from './value.ts';

/** The tokens of one action, and how far they are read. */
export type Cursor = {
  readonly tokens: readonly Token[];
  /** Of the action: what is missing is missing here. */
  readonly span: Span;
  at: number;
  /** Parentheses that are open. */
  depth: number;
};

/** What names mean where an expression stands, and where names without a meaning are noted. */
export type Names = {
  readonly isVariable: (name: string) => boolean;
  readonly variables: () => readonly string[];
  readonly fault: (fault: TemplateFault) => void;
};

export const peek = (cursor: Cursor): Token | undefined => cursor.tokens[cursor.at];

/** Takes the next token if it is this sign or word. */
export function take(cursor: Cursor, text: string): boolean {
  if (peek(cursor)?.text !== text) return false;
  cursor.at += 1;
  return true;
}

/** The span from a token that was read to the last one that was. */
const spanFrom = ({ tokens, at, span }: Cursor, start: Span): Span => ({
  start: start.start,
  end: tokens[at - 1]?.span.end ?? span.end,
});

export function expectEnd(cursor: Cursor): void {
  const extra = peek(cursor);
  if (extra !== undefined) {
    throw templateError(extra.span, `\`${extra.text}\` is not expected here`, { expected: 'the end of the action' });
  }
}

/** `a b | c d`: what is before a bar is the last argument of what is behind it. */
export function parsePipeline(cursor: Cursor, names: Names): Expression {
  let value = parseCommand(cursor, names, null);
  while (take(cursor, '|')) value = parseCommand(cursor, names, value);
  return value;
}

function parseCommand(cursor: Cursor, names: Names, piped: Expression | null): Expression {
  const first = peek(cursor);
  if (first === undefined || ENDS_COMMAND.has(first.text)) {
    throw templateError(first?.span ?? endOf(cursor), 'a value is missing here');
  }
  const head = parseOperand(cursor, names);
  const args: Expression[] = [];
  for (let next = peek(cursor); next !== undefined && !ENDS_COMMAND.has(next.text); next = peek(cursor)) {
    if (next.isAttached) throw templateError(next.span, `a space is missing before \`${next.text}\``);
    const { span } = next;
    args.push(applied(parseOperand(cursor, names), [], span));
  }
  const span = spanFrom(cursor, first.span);
  return applied(head, piped === null ? args : [...args, piped], span);
}

const ENDS_COMMAND: ReadonlySet<string> = new Set(['|', ')']);

const endOf = ({ span }: Cursor): Span => ({ start: Math.max(span.start, span.end - 2), end: span.end });

/** What can stand at the head of a command or be an argument: a function's name is no value before it is applied. */
type Operand = { readonly type: 'function'; readonly name: string } | { readonly type: 'value'; readonly value: Expression };

/** Functions and fields may take arguments, nothing else does. */
function applied(operand: Operand, args: readonly Expression[], span: Span): Expression {
  if (operand.type === 'function') return callTo(operand.name, args, span);
  const { value } = operand;
  if (args.length === 0) return value;
  if (value.type === 'field') return { ...value, span, args };
  throw templateError(value.span, 'this is no function: it takes no arguments');
}

function parseOperand(cursor: Cursor, names: Names): Operand {
  const token = peek(cursor) as Token;
  let operand = parseTerm(cursor, names);
  for (let next = peek(cursor); next?.type === 'field' && next.isAttached; next = peek(cursor)) {
    cursor.at += 1;
    const of = applied(operand, [], token.span);
    operand = {
      type: 'value',
      value: { type: 'field', span: spanFrom(cursor, token.span), of, key: next.text.slice(1), args: [] },
    };
  }
  return operand;
}

/** Deeper parentheses would exhaust the stack. */
const MOST_PARENTHESES = 200;

function parseTerm(cursor: Cursor, names: Names): Operand {
  const token = peek(cursor) as Token;
  const { text, span } = token;
  cursor.at += 1;
  switch (token.type) {
    case 'word':
      return parseWord(text, span, names);
    case 'field': {
      const dot: Expression = { type: 'variable', span, name: '.' };
      return valueOperand({ type: 'field', span, of: dot, key: text.slice(1), args: [] });
    }
    case 'variable':
      checkVariable(text, span, names);
      return valueOperand({ type: 'variable', span, name: text });
    case 'number':
    case 'text':
    case 'character':
      return valueOperand({ type: 'literal', span, value: literalOf(token) });
    default:
      return parseSign(cursor, token, names);
  }
}

const valueOperand = (value: Expression): Operand => ({ type: 'value', value });

const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['nil', null],
]);

function parseWord(name: string, span: Span, names: Names): Operand {
  const constant = CONSTANTS.get(name);
  if (constant !== undefined) return valueOperand({ type: 'literal', span, value: constant });
  checkFunction(name, span, names.fault);
  return { type: 'function', name };
}

function checkVariable(name: string, span: Span, names: Names): void {
  if (names.isVariable(name)) return;
  const suggestion = nearest(name, names.variables());
  names.fault({ span, message: `there is no variable ${name} here`, ...(suggestion === null ? {} : { suggestion }) });
}

function literalOf({ type, text, span }: Token): Value {
  const value = type === 'number' ? parseNumber(text) : type === 'text' ? parseText(text) : parseCharacter(text);
  if (value === undefined) throw templateError(span, `${text} is no ${type} that Go knows`);
  return value;
}

function parseSign(cursor: Cursor, { text, span }: Token, names: Names): Operand {
  if (text === '.') return valueOperand({ type: 'variable', span, name: '.' });
  if (text !== '(') throw templateError(span, `\`${text}\` is not expected here`, { expected: 'a value' });
  cursor.depth += 1;
  if (cursor.depth > MOST_PARENTHESES) throw templateError(span, 'nested too deeply');
  const inner = parsePipeline(cursor, names);
  if (!take(cursor, ')')) throw templateError(span, 'the parenthesis is not closed', { expected: ')' });
  cursor.depth -= 1;
  return valueOperand(inner);
}
