/**
 * Reads Go's template language (text/template) into statements. What is wrong with names (functions, variables) is collected,
 * so that all of it is told at once; what is wrong with the form ends the reading.
 */
import type { Span } from '../tree.ts';
import type { Body, Expression, Statement, Template } from './ast.ts';
import { type Chunk, chunksOf, type Token } from './go-lexer.ts';
import { parseText } from './go-literal.ts';
import { type Cursor, expectEnd, type Names, parsePipeline, peek, take } from './go-pipeline.ts';
import { TemplateError, type TemplateFault, templateError } from './template-error.ts';

/** Throws {@link TemplateError}. */
export function parseGoTemplate(source: string): Template {
  const reading: Reading = {
    source,
    chunks: chunksOf(source),
    at: 0,
    definitions: new Map(),
    faults: [],
    scopes: [['$']],
    blocks: [],
  };
  const { body } = parseBody(reading, null);
  if (reading.faults.length > 0) throw new TemplateError(reading.faults);
  return { body, definitions: reading.definitions };
}

/** How far a template is read, and what is known there. */
type Reading = {
  readonly source: string;
  readonly chunks: readonly Chunk[];
  at: number;
  readonly definitions: Map<string, Body>;
  readonly faults: TemplateFault[];
  /** Variables, the innermost scope last. */
  scopes: string[][];
  /** Words that opened the blocks around, the innermost last. */
  readonly blocks: string[];
};

type Action = Extract<Chunk, { readonly type: 'action' }>;

/** The action that ended a body, without its first word read. */
type Ended = { readonly body: Body; readonly by: Cursor | null };

/** Blocks in blocks; deeper ones would exhaust the stack. */
const MOST_BLOCKS = 200;

/** Reads up to the `end` or `else` of the block that `opener` began, or to the end of the file. */
function parseBody(reading: Reading, opener: Action | null): Ended {
  const body: Statement[] = [];
  for (let chunk = reading.chunks[reading.at]; chunk !== undefined; chunk = reading.chunks[reading.at]) {
    reading.at += 1;
    if (chunk.type === 'text') {
      body.push({ type: 'text', span: chunk.span, text: reading.source.slice(chunk.span.start, chunk.span.end), verbatim: true });
      continue;
    }
    const cursor: Cursor = { tokens: chunk.tokens, span: chunk.span, at: 0, depth: 0 };
    const word = peek(cursor);
    if (word?.type === 'word' && (word.text === 'end' || word.text === 'else')) {
      if (opener === null) throw templateError(chunk.span, `there is no block that this \`${word.text}\` could belong to`);
      return { body, by: cursor };
    }
    body.push(...parseAction(reading, chunk, cursor));
  }
  if (opener !== null) throw templateError(opener.span, 'the block has no end', { expected: '{{ end }}' });
  return { body, by: null };
}

function parseAction(reading: Reading, action: Action, cursor: Cursor): readonly Statement[] {
  const first = peek(cursor);
  if (first === undefined) throw templateError(action.span, 'the action is empty', { expected: 'a value or a statement' });
  const parse = first.type === 'word' ? STATEMENTS.get(first.text) : undefined;
  if (parse === undefined) return [parseValueAction(reading, action, cursor)];
  cursor.at += 1;
  return parse(reading, action, cursor);
}

type ParseStatement = (reading: Reading, action: Action, cursor: Cursor) => readonly Statement[];

const STATEMENTS: ReadonlyMap<string, ParseStatement> = new Map<string, ParseStatement>([
  ['if', (reading, action, cursor) => [parseBranch(reading, action, cursor, 'if')]],
  ['with', (reading, action, cursor) => [parseBranch(reading, action, cursor, 'with')]],
  ['range', parseRange],
  ['define', parseDefine],
  ['block', parseBlock],
  ['template', parseTemplate],
  ['break', parseJump],
  ['continue', parseJump],
]);

/** `{{ value }}`, `{{ $x := value }}`, `{{ $x = value }}`. */
function parseValueAction(reading: Reading, { span }: Action, cursor: Cursor): Statement {
  const target = parseTarget(cursor);
  const value = parseWhole(reading, cursor);
  if (target === null) return { type: 'print', span, value };
  if (target.declares) reading.scopes.at(-1)?.push(target.name.text);
  else requireVariable(reading, target.name);
  return { type: 'set', span, name: target.name.text, declare: target.declares, value };
}

type Target = { readonly name: Token; readonly declares: boolean };

function parseTarget(cursor: Cursor): Target | null {
  const [name, sign] = [peek(cursor), cursor.tokens[cursor.at + 1]?.text];
  if (name?.type !== 'variable' || (sign !== ':=' && sign !== '=')) return null;
  cursor.at += 2;
  return { name, declares: sign === ':=' };
}

/** A pipeline that is all of the rest of the action. */
function parseWhole(reading: Reading, cursor: Cursor): Expression {
  const value = parsePipeline(cursor, namesOf(reading));
  if (value.type === 'literal' && value.value === null && reading.faults.length === 0) {
    throw templateError(value.span, 'nil alone is no value to work with');
  }
  expectEnd(cursor);
  return value;
}

const namesOf = (reading: Reading): Names => ({
  isVariable: name => reading.scopes.some(scope => scope.includes(name)),
  variables: () => reading.scopes.flat(),
  fault: fault => reading.faults.push(fault),
});

function requireVariable(reading: Reading, { text, span }: Token): void {
  const isKnown = reading.scopes.some(scope => scope.includes(text));
  if (!isKnown) reading.faults.push({ span, message: `there is no variable ${text} here`, expected: `:= to make one` });
}

function parseBranch(reading: Reading, action: Action, cursor: Cursor, kind: 'if' | 'with'): Statement {
  return inBlock(reading, action, kind, () => {
    const target = parseTarget(cursor);
    const condition = parseWhole(reading, cursor);
    if (target !== null) reading.scopes.at(-1)?.push(target.name.text);
    const then = inScope(reading, () => parseBody(reading, action));
    const otherwise = parseElse(reading, action, then.by, kind);
    const names = target === null ? [] : [target.name.text];
    return {
      type: 'branch',
      span: action.span,
      condition,
      zeroIsTrue: false,
      names,
      bodyNames: kind === 'with' ? ['.'] : [],
      body: then.body,
      otherwise,
    };
  });
}

/** What follows the first body: nothing, another body, or `else if` and `else with`, which are blocks of their own with the same end. */
function parseElse(reading: Reading, opener: Action, by: Cursor | null, kind: string): Body {
  if (by === null || take(by, 'end')) {
    if (by !== null) expectEnd(by);
    return [];
  }
  take(by, 'else');
  const again = peek(by)?.text;
  if ((again === 'if' || again === 'with') && (kind === 'if' || kind === 'with')) {
    by.at += 1;
    return [parseBranch(reading, { type: 'action', span: by.span, tokens: by.tokens }, by, again)];
  }
  expectEnd(by);
  const { body, by: end } = inScope(reading, () => parseBody(reading, opener));
  if (end !== null && !take(end, 'end')) throw templateError(end.span, 'a block has one `else` only', { expected: '{{ end }}' });
  if (end !== null) expectEnd(end);
  return body;
}

/** `range list`, `range $item := list`, `range $index, $item := list`. */
function parseRange(reading: Reading, action: Action, cursor: Cursor): readonly Statement[] {
  return inBlock(reading, action, 'range', () => {
    const { variables, declares } = parseRangeVariables(cursor);
    const over = parseWhole(reading, cursor);
    const [item, key] = variables.toReversed().map(({ text }) => text);
    if (declares) reading.scopes.at(-1)?.push(...variables.map(({ text }) => text));
    else for (const variable of variables) requireVariable(reading, variable);
    const body = inScope(reading, () => parseBody(reading, action));
    const names = { item: item === undefined ? ['.'] : ['.', item], key: key === undefined ? [] : [key] };
    const otherwise = parseElse(reading, action, body.by, 'range');
    return [{ type: 'loop', span: action.span, over, names, assigns: !declares, body: body.body, otherwise }];
  });
}

function parseRangeVariables(cursor: Cursor): { readonly variables: readonly Token[]; readonly declares: boolean } {
  const [first, separator, second] = cursor.tokens.slice(cursor.at);
  const isPair = separator?.text === ',' && second?.type === 'variable';
  const sign = cursor.tokens[cursor.at + (isPair ? 3 : 1)]?.text;
  if (first?.type !== 'variable' || (sign !== ':=' && sign !== '=')) return { variables: [], declares: true };
  cursor.at += isPair ? 4 : 2;
  return { variables: isPair ? [first, second] : [first], declares: sign === ':=' };
}

/** `{{ define "name" }}…{{ end }}`: sees no variables but its own `$`. */
function parseDefine(reading: Reading, action: Action, cursor: Cursor): readonly Statement[] {
  if (reading.blocks.length > 0) {
    throw templateError(action.span, '`define` stands inside of another block', {
      expected: 'definitions outside of all blocks',
    });
  }
  const name = parseName(cursor);
  expectEnd(cursor);
  define(reading, name, action);
  return [];
}

/** `{{ block "name" value }}…{{ end }}`: a definition that is used at once. */
function parseBlock(reading: Reading, action: Action, cursor: Cursor): readonly Statement[] {
  const name = parseName(cursor);
  const argument = parseWhole(reading, cursor);
  define(reading, name, action);
  return [invocation(action.span, name, argument)];
}

function parseTemplate(reading: Reading, action: Action, cursor: Cursor): readonly Statement[] {
  const name = parseName(cursor);
  const argument: Expression =
    peek(cursor) === undefined ? { type: 'literal', span: action.span, value: null } : parseWhole(reading, cursor);
  return [invocation(action.span, name, argument)];
}

const invocation = (span: Span, { text, span: nameSpan }: Name, argument: Expression): Statement => ({
  type: 'invoke',
  span,
  name: { type: 'literal', span: nameSpan, value: text },
  argument,
  variables: new Map(),
  indent: '',
  otherwise: null,
});

type Name = { readonly text: string; readonly span: Span };

function parseName(cursor: Cursor): Name {
  const token = peek(cursor);
  const text = token?.type === 'text' ? parseText(token.text) : undefined;
  if (token === undefined || text === undefined) {
    throw templateError(token?.span ?? cursor.span, 'the name of a template is missing here', { expected: 'a text in quotes' });
  }
  cursor.at += 1;
  return { text, span: token.span };
}

function define(reading: Reading, { text, span }: Name, action: Action): void {
  const { scopes } = reading;
  reading.scopes = [['$']];
  const { body, by } = inBlock(reading, action, 'define', () => parseBody(reading, action));
  reading.scopes = scopes;
  if (by !== null && !take(by, 'end')) throw templateError(by.span, 'a definition has no `else`', { expected: '{{ end }}' });
  if (reading.definitions.has(text)) reading.faults.push({ span, message: `there are two templates "${text}"` });
  reading.definitions.set(text, body);
}

function parseJump(reading: Reading, { span }: Action, cursor: Cursor): readonly Statement[] {
  const word = cursor.tokens[0]?.text === 'break' ? 'break' : 'continue';
  expectEnd(cursor);
  if (!reading.blocks.includes('range')) throw templateError(span, `there is no \`range\` around this \`${word}\``);
  return [{ type: word, span }];
}

function inBlock<Result>(reading: Reading, { span }: Action, word: string, parse: () => Result): Result {
  if (reading.blocks.length >= MOST_BLOCKS) throw templateError(span, 'nested too deeply');
  reading.blocks.push(word);
  const result = inScope(reading, parse);
  reading.blocks.pop();
  return result;
}

function inScope<Result>(reading: Reading, parse: () => Result): Result {
  reading.scopes.push([]);
  const result = parse();
  reading.scopes.pop();
  return result;
}
