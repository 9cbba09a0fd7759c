/**
 * Handlebars into statements. Blocks that change the context (`each`, `with`) name it, so that `../x` and `@../index` are
 * plain variables: which one is known from the nesting alone.
 */
import { library } from '../functions/library.ts';
import { nearest } from '../nearest.ts';
import type { Span } from '../tree.ts';
import type { Body, Expression, Invocation, Statement, Template } from './ast.ts';
import { anything, fn } from './function.ts';
import { callTo, checkFunction } from './function-call.ts';
import { parseNumber } from './go-literal.ts';
import { type HandlebarsTree, parseHandlebars } from './handlebars-syntax.ts';
import { TemplateError, type TemplateFault, templateError } from './template-error.ts';
import { isEmpty, List, listOf, type Value } from './value.ts';

/** Throws {@link TemplateError}. `globals`: what the context has at the top of the template. */
export function parseHandlebarsTemplate(source: string, globals: readonly string[]): Template {
  const { program, spanOf } = parseHandlebars(source);
  const translation: Translation = { source, spanOf, globals, definitions: new Map(), faults: [], names: 0 };
  const body = translateProgram(translation, program, TOP);
  if (translation.faults.length > 0) throw new TemplateError(translation.faults);
  return { body, definitions: translation.definitions };
}

type Translation = {
  readonly source: string;
  readonly spanOf: HandlebarsTree['spanOf'];
  readonly globals: readonly string[];
  readonly definitions: Map<string, Body>;
  readonly faults: TemplateFault[];
  /** Numbers handed out to make names different. */
  names: number;
};

/** What surrounds a piece of a template. */
type Surroundings = {
  /** Variables that hold the contexts, the innermost last. */
  readonly contexts: readonly string[];
  /** Numbers of the loops around, the innermost last. */
  readonly loops: readonly number[];
  /** Names between bars. */
  readonly blockParams: readonly string[];
  /** Blocks and definitions around. */
  readonly depth: number;
  /** The context is the jobfile's own data: any other name is a mistake. */
  readonly isTop: boolean;
};

const TOP: Surroundings = { contexts: ['$'], loops: [], blockParams: [], depth: 0, isTop: true };

/** A definition's context is its argument. */
const DEFINITION: Surroundings = { ...TOP, isTop: false };

/** Deeper nesting would exhaust the stack. */
const MOST_LEVELS = 200;

function translateProgram(translation: Translation, program: hbs.AST.Program | undefined, around: Surroundings): Body {
  return (program?.body ?? []).flatMap(statement => translateStatement(translation, statement, around));
}

function translateStatement(translation: Translation, statement: hbs.AST.Statement, around: Surroundings): Body {
  const span = translation.spanOf(statement);
  if (around.depth > MOST_LEVELS) throw templateError(span, 'nested too deeply');
  const inside = { ...around, depth: around.depth + 1 };
  switch (statement.type) {
    case 'ContentStatement':
      return [translateText(translation, statement as hbs.AST.ContentStatement)];
    case 'CommentStatement':
      return [];
    case 'MustacheStatement':
      return translateMustache(translation, statement as hbs.AST.MustacheStatement, around);
    case 'BlockStatement':
      return translateBlock(translation, statement as hbs.AST.BlockStatement, inside);
    case 'PartialStatement':
    case 'PartialBlockStatement':
      return [translatePartial(translation, statement as hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement, inside)];
    case 'DecoratorBlock':
      return translateInline(translation, statement as hbs.AST.DecoratorBlock, inside);
    default:
      throw templateError(span, 'Handlebars\' decorators are not known here, except {{#*inline "name"}}');
  }
}

/** The parser has taken away white space around it already; what is left is found again where it stands. */
function translateText(translation: Translation, node: hbs.AST.ContentStatement): Statement {
  const span = translation.spanOf(node);
  const written = translation.source.slice(span.start, span.end);
  const offset = written.endsWith(node.value) ? written.length - node.value.length : written.indexOf(node.value);
  const isVerbatim = offset !== -1;
  const start = span.start + (isVerbatim ? offset : 0);
  return {
    type: 'text',
    span: { start, end: isVerbatim ? start + node.value.length : span.end },
    text: node.value,
    verbatim: isVerbatim,
  };
}

function translateMustache(translation: Translation, node: hbs.AST.MustacheStatement, around: Surroundings): Body {
  if (isPath(node.path) && node.path.original === 'log') return [];
  const value = translateCall(translation, node, around);
  return [{ type: 'print', span: translation.spanOf(node), value }];
}

/** Something with a head and maybe arguments: between braces or in parentheses. */
type CallNode = hbs.AST.MustacheStatement | hbs.AST.SubExpression | hbs.AST.BlockStatement;

function translateCall(translation: Translation, node: CallNode, around: Surroundings): Expression {
  const { path } = node;
  const span = translation.spanOf(node.type === 'BlockStatement' ? path : node);
  const params = node.params.map(param => translateExpression(translation, param, around));
  refuseNamedArguments(translation, node);
  if (params.length === 0 && node.type !== 'SubExpression') return translateExpression(translation, path, around);
  if (!isPath(path) || path.parts.length !== 1 || path.data || isScoped(path, around)) {
    return withArguments(translateExpression(translation, path, around), params, span);
  }
  const name = path.parts[0] ?? '';
  const others = node.type === 'BlockStatement' ? BLOCKS : [];
  checkFunction(name, translation.spanOf(path), fault => translation.faults.push(fault), others);
  return callTo(name, params, span);
}

/** Times have methods: `{{x.Format "2006"}}`. */
function withArguments(value: Expression, args: readonly Expression[], span: Span): Expression {
  if (value.type === 'field') return { ...value, span, args };
  throw templateError(value.span, 'this is no function: it takes no arguments');
}

function refuseNamedArguments(translation: Translation, { hash }: Partial<Pick<CallNode, 'hash'>>): void {
  for (const pair of hash?.pairs ?? []) {
    translation.faults.push({ span: translation.spanOf(pair), message: `there is no argument \`${pair.key}=\` here` });
  }
}

function translateExpression(translation: Translation, node: hbs.AST.Expression, around: Surroundings): Expression {
  const span = translation.spanOf(node);
  if (around.depth > MOST_LEVELS) throw templateError(span, 'nested too deeply');
  switch (node.type) {
    case 'SubExpression':
      return translateCall(translation, node as hbs.AST.SubExpression, { ...around, depth: around.depth + 1 });
    case 'PathExpression':
      return translatePath(translation, node as hbs.AST.PathExpression, around);
    case 'StringLiteral':
      return { type: 'literal', span, value: withEscapes((node as hbs.AST.StringLiteral).value) };
    case 'NumberLiteral':
      return {
        type: 'literal',
        span,
        value: parseNumber(translation.source.slice(span.start, span.end)) ?? (node as hbs.AST.NumberLiteral).value,
      };
    case 'BooleanLiteral':
      return { type: 'literal', span, value: (node as hbs.AST.BooleanLiteral).value };
    default:
      return { type: 'literal', span, value: null };
  }
}

/** Handlebars' texts have no escapes; without one for the line end, no text could be split into lines. `\\\\` stays as it is, for regular expressions. */
const withEscapes = (text: string): string =>
  text.replace(/\\\\|\\([nrt])/g, (whole, letter?: 'n' | 'r' | 't') =>
    letter === undefined ? whole : { n: '\n', r: '\r', t: '\t' }[letter],
  );

function translatePath(translation: Translation, path: hbs.AST.PathExpression, around: Surroundings): Expression {
  const span = translation.spanOf(path);
  const { base, keys } = baseOf(translation, path, around, span);
  return keys.reduce<Expression>((of, key) => ({ type: 'field', span, of, key, args: [] }), base);
}

type Based = { readonly base: Expression; readonly keys: readonly string[] };

/** Where a path begins, and the fields that it goes on with. */
function baseOf(translation: Translation, path: hbs.AST.PathExpression, around: Surroundings, span: Span): Based {
  const [head, ...keys] = path.parts;
  const variable = (name: string): Expression => ({ type: 'variable', span, name });
  if (path.data) return { base: dataVariable(translation, head ?? '', path.depth, around, span), keys };
  if (path.depth > 0) {
    const context = around.contexts.at(-1 - path.depth);
    if (context === undefined)
      throw templateError(span, 'there is no context above this one: ../ leaves {{#each}} and {{#with}}');
    return { base: variable(context), keys: path.parts };
  }
  if (head === undefined || isThis(path)) return { base: variable('.'), keys: path.parts };
  if (around.blockParams.includes(head)) return { base: variable(blockParam(head)), keys };
  const to = keys.length === 0 ? (library.get(head) ?? null) : null;
  if (around.isTop && to === null) checkGlobal(translation, head, span);
  return { base: { type: 'name', span, name: head, to }, keys };
}

function checkGlobal({ globals, faults }: Translation, name: string, span: Span): void {
  if (globals.includes(name)) return;
  const suggestion = nearest(name, [...globals, ...library.keys()]);
  faults.push({
    span,
    message: `there is no \`${name}\` here`,
    expected: `${globals.join(', ')} or a function`,
    ...(suggestion === null ? {} : { suggestion }),
  });
}

const blockParam = (name: string): string => `|${name}`;

/** `this.x` and `./x` are the context's, whatever block parameters there are. */
const isThis = ({ original }: hbs.AST.PathExpression): boolean => /^(this|\.)(?![^./])/.test(original);

const isScoped = (path: hbs.AST.PathExpression, { blockParams }: Surroundings): boolean =>
  path.depth > 0 || isThis(path) || blockParams.includes(path.parts[0] ?? '');

function dataVariable(translation: Translation, name: string, depth: number, { loops }: Surroundings, span: Span): Expression {
  if (name === 'root') return { type: 'variable', span, name: '@root' };
  const loop = loops.at(-1 - depth);
  if (!LOOP_VARIABLES.includes(name)) {
    const suggestion = nearest(name, ['root', ...LOOP_VARIABLES]);
    translation.faults.push({
      span,
      message: `there is no @${name}`,
      expected: '@root, @index, @key, @first or @last',
      ...(suggestion === null ? {} : { suggestion: `@${suggestion}` }),
    });
  } else if (loop === undefined) {
    translation.faults.push({ span, message: `there is no @${name} here: only in {{#each}}` });
  }
  return { type: 'variable', span, name: `${name}:${loop}` };
}

const LOOP_VARIABLES: readonly string[] = ['index', 'key', 'first', 'last'];

/** Those that Handlebars has itself. */
const BLOCKS: readonly string[] = ['if', 'unless', 'each', 'with'];

function translateBlock(translation: Translation, block: hbs.AST.BlockStatement, around: Surroundings): Body {
  const name = isPath(block.path) ? block.path.original : '';
  switch (name) {
    case 'if':
    case 'unless':
      return [translateCondition(translation, block, around, name)];
    case 'each':
      return [translateEach(translation, block, around, oneParam(translation, block, around))];
    case 'with':
      return [translateWith(translation, block, around)];
    case 'raw':
      return translateProgram(translation, block.program, around);
    default:
      return [translateSection(translation, block, around)];
  }
}

function oneParam(translation: Translation, block: hbs.AST.BlockStatement, around: Surroundings): Expression {
  const [param, second] = block.params;
  const span = translation.spanOf(second ?? block.path);
  if (param === undefined || second !== undefined) throw templateError(span, `{{#${block.path.original}}} takes one value`);
  return translateExpression(translation, param, around);
}

function translateCondition(
  translation: Translation,
  block: hbs.AST.BlockStatement,
  around: Surroundings,
  kind: 'if' | 'unless',
): Statement {
  const [yes, no] = kind === 'if' ? [block.program, block.inverse] : [block.inverse, block.program];
  return {
    type: 'branch',
    span: translation.spanOf(block),
    condition: oneParam(translation, block, around),
    zeroIsTrue: includesZero(translation, block),
    names: [],
    bodyNames: [],
    body: translateProgram(translation, yes, around),
    otherwise: translateProgram(translation, no, around),
  };
}

/** `includeZero=true`, the only named argument that a condition takes. */
function includesZero(translation: Translation, block: hbs.AST.BlockStatement): boolean {
  const pairs = block.hash?.pairs ?? [];
  const zero = pairs.find(({ key }) => key === 'includeZero');
  refuseNamedArguments(translation, { hash: { ...block.hash, pairs: pairs.filter(pair => pair !== zero) } });
  return (zero?.value as hbs.AST.BooleanLiteral | undefined)?.value === true;
}

function translateEach(
  translation: Translation,
  block: hbs.AST.BlockStatement,
  around: Surroundings,
  over: Expression,
): Statement {
  translation.names += 1;
  const loop = translation.names;
  const [item, key] = block.program?.blockParams ?? [];
  const inside: Surroundings = {
    ...around,
    contexts: [...around.contexts, `context:${loop}`],
    loops: [...around.loops, loop],
    blockParams: [...around.blockParams, ...(block.program?.blockParams ?? [])],
    isTop: false,
  };
  return {
    type: 'loop',
    span: translation.spanOf(block),
    over,
    names: {
      item: ['.', `context:${loop}`, ...(item === undefined ? [] : [blockParam(item)])],
      key: [`key:${loop}`, ...(key === undefined ? [] : [blockParam(key)])],
      index: `index:${loop}`,
      first: `first:${loop}`,
      last: `last:${loop}`,
    },
    assigns: false,
    body: translateProgram(translation, block.program, inside),
    otherwise: translateProgram(translation, block.inverse, around),
  };
}

function translateWith(translation: Translation, block: hbs.AST.BlockStatement, around: Surroundings): Statement {
  translation.names += 1;
  const context = `context:${translation.names}`;
  const [param] = block.program?.blockParams ?? [];
  const inside: Surroundings = {
    ...around,
    contexts: [...around.contexts, context],
    blockParams: param === undefined ? around.blockParams : [...around.blockParams, param],
    isTop: false,
  };
  return {
    type: 'branch',
    span: translation.spanOf(block),
    condition: oneParam(translation, block, around),
    zeroIsTrue: false,
    names: [],
    bodyNames: ['.', context, ...(param === undefined ? [] : [blockParam(param)])],
    body: translateProgram(translation, block.program, inside),
    otherwise: translateProgram(translation, block.inverse, around),
  };
}

/** `{{#x}}…{{/x}}`: once for what is true, for each item of a list, with anything else as the context. */
function translateSection(translation: Translation, block: hbs.AST.BlockStatement, around: Surroundings): Statement {
  const value = translateCall(translation, block, around);
  const dot: Expression = { type: 'variable', span: value.span, name: '.' };
  const rounds: Expression = { type: 'call', span: value.span, name: block.path.original, to: sectionRounds, args: [value, dot] };
  return translateEach(translation, block, around, rounds);
}

const sectionRounds = fn([anything('value'), anything('context')], (value, context): Value => {
  if (value instanceof List) return value;
  if (value === true) return listOf([context]);
  return listOf(isEmpty(value) ? [] : [value]);
});

/** `{{> name context key=value}}`; the block form brings a `@partial-block` along, and is what happens when there is no such partial. */
function translatePartial(
  translation: Translation,
  node: hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement,
  around: Surroundings,
): Invocation {
  const span = translation.spanOf(node);
  const block = node.type === 'PartialBlockStatement' ? node.program : null;
  const variables = block === null ? [] : [['@partial-block', partialBlock(translation, block, around, span)] as const];
  return {
    type: 'invoke',
    span,
    name: partialName(translation, node, around),
    argument: partialContext(translation, node, around, span),
    variables: new Map(variables),
    indent: node.type === 'PartialStatement' ? node.indent : '',
    otherwise: block === null ? null : translateProgram(translation, block, around),
  };
}

function partialBlock(translation: Translation, block: hbs.AST.Program, around: Surroundings, span: Span): Expression {
  translation.names += 1;
  const name = `@partial-block:${translation.names}`;
  translation.definitions.set(name, translateProgram(translation, block, { ...DEFINITION, depth: around.depth }));
  return { type: 'literal', span, value: name };
}

function partialName(
  translation: Translation,
  { name }: hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement,
  around: Surroundings,
): Expression {
  if (name.type === 'SubExpression') return translateExpression(translation, name, around);
  const span = translation.spanOf(name);
  return name.original === '@partial-block'
    ? { type: 'variable', span, name: '@partial-block' }
    : { type: 'literal', span, value: name.original };
}

function partialContext(
  translation: Translation,
  node: hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement,
  around: Surroundings,
  span: Span,
): Expression {
  const [context] = node.params;
  const of: Expression =
    context === undefined ? { type: 'variable', span, name: '.' } : translateExpression(translation, context, around);
  const pairs = node.hash?.pairs ?? [];
  if (pairs.length === 0) return of;
  return {
    type: 'extended',
    span,
    of,
    entries: new Map(pairs.map(({ key, value }) => [key, translateExpression(translation, value, around)])),
  };
}

/** `{{#*inline "name"}}`: known in the whole file. */
function translateInline(translation: Translation, node: hbs.AST.DecoratorBlock, { depth }: Surroundings): Body {
  const [param] = node.params;
  const span = translation.spanOf(node.path);
  if (node.path.original !== 'inline' || param?.type !== 'StringLiteral') {
    throw templateError(span, 'Handlebars\' decorators are not known here, except {{#*inline "name"}}');
  }
  const name = (param as hbs.AST.StringLiteral).value;
  if (translation.definitions.has(name))
    translation.faults.push({ span: translation.spanOf(param), message: `there are two partials "${name}"` });
  translation.definitions.set(name, []);
  translation.definitions.set(name, translateProgram(translation, node.program, { ...DEFINITION, depth }));
  return [];
}

const isPath = (node: hbs.AST.Node): node is hbs.AST.PathExpression => node.type === 'PathExpression';
