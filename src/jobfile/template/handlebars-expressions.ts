/** Handlebars' values: paths, literals and calls. */

import { nearest } from '../../base/nearest.ts';
import { library } from '../functions/library.ts';
import type { Span } from '../tree.ts';
import type { Expression } from './ast.ts';
import { callTo, checkFunction } from './function-call.ts';
import { parseNumber } from './go-literal.ts';
import { checkDepth, deeper, type Surroundings, type Translation } from './handlebars-translation.ts';
import { templateError } from './template-error.ts';

/** Those that Handlebars has itself. */
const BLOCKS: readonly string[] = ['if', 'unless', 'each', 'with'];

/** Something with a head and maybe arguments: between braces or in parentheses. */
type CallNode = hbs.AST.MustacheStatement | hbs.AST.SubExpression | hbs.AST.BlockStatement;

export function translateCall(translation: Translation, node: CallNode, around: Surroundings): Expression {
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

export function refuseNamedArguments(translation: Translation, { hash }: Partial<Pick<CallNode, 'hash'>>): void {
  for (const pair of hash?.pairs ?? []) {
    translation.faults.push({ span: translation.spanOf(pair), message: `there is no argument \`${pair.key}=\` here` });
  }
}

export function translateExpression(translation: Translation, node: hbs.AST.Expression, around: Surroundings): Expression {
  const span = translation.spanOf(node);
  checkDepth(around, span);
  switch (node.type) {
    case 'SubExpression':
      return translateCall(translation, node as hbs.AST.SubExpression, deeper(around));
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
    if (context === undefined) {
      throw templateError(span, 'there is no context above this one: ../ leaves {{#each}} and {{#with}}');
    }
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

/** The variable that a name between bars is. */
export const blockParam = (name: string): string => `|${name}`;

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

export const isPath = (node: hbs.AST.Node): node is hbs.AST.PathExpression => node.type === 'PathExpression';
