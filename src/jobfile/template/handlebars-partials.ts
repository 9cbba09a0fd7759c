/** Handlebars' partials: all of them are in the file itself, as `{{#*inline "name"}}`. */
import type { Span } from '../tree.ts';
import type { Body, Expression, Invocation } from './ast.ts';
import { translateExpression } from './handlebars-expressions.ts';
import { DEFINITION, nextNumber, type Surroundings, type Translation } from './handlebars-translation.ts';
import { templateError } from './template-error.ts';

/** Both ways to use a partial. */
export type PartialNode = hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement;

/** `{{> name context key=value}}`; the block form brings a `@partial-block` along, and is what happens when there is no such partial. */
export function translatePartial(translation: Translation, node: PartialNode, around: Surroundings): Invocation {
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
    otherwise: block === null ? null : translation.bodyOf(block, around),
  };
}

function partialBlock(translation: Translation, block: hbs.AST.Program, around: Surroundings, span: Span): Expression {
  const name = `@partial-block:${nextNumber(translation)}`;
  translation.definitions.set(name, translation.bodyOf(block, { ...DEFINITION, depth: around.depth }));
  return { type: 'literal', span, value: name };
}

function partialName(translation: Translation, { name }: PartialNode, around: Surroundings): Expression {
  if (name.type === 'SubExpression') return translateExpression(translation, name, around);
  const span = translation.spanOf(name);
  return name.original === '@partial-block'
    ? { type: 'variable', span, name: '@partial-block' }
    : { type: 'literal', span, value: name.original };
}

function partialContext(translation: Translation, node: PartialNode, around: Surroundings, span: Span): Expression {
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
export function translateInline(translation: Translation, node: hbs.AST.DecoratorBlock, { depth }: Surroundings): Body {
  const [param] = node.params;
  const span = translation.spanOf(node.path);
  if (node.path.original !== 'inline' || param?.type !== 'StringLiteral') {
    throw templateError(span, 'Handlebars\' decorators are not known here, except {{#*inline "name"}}');
  }
  const name = (param as hbs.AST.StringLiteral).value;
  if (translation.definitions.has(name))
    translation.faults.push({ span: translation.spanOf(param), message: `there are two partials "${name}"` });
  translation.definitions.set(name, []);
  translation.definitions.set(name, translation.bodyOf(node.program, { ...DEFINITION, depth }));
  return [];
}
