/** Handlebars' blocks: its own four, and calls and values as blocks. */
import type { Body, Expression, Statement } from './ast.ts';
import { anything, fn } from './function.ts';
import { blockParam, isPath, refuseNamedArguments, translateCall, translateExpression } from './handlebars-expressions.ts';
import { nextNumber, type Surroundings, type Translation } from './handlebars-translation.ts';
import { templateError } from './template-error.ts';
import { isEmpty, List, listOf, type Value } from './value.ts';

export function translateBlock(translation: Translation, block: hbs.AST.BlockStatement, around: Surroundings): Body {
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
      return translation.bodyOf(block.program, around);
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
    body: translation.bodyOf(yes, around),
    otherwise: translation.bodyOf(no, around),
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
  const loop = nextNumber(translation);
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
    body: translation.bodyOf(block.program, inside),
    otherwise: translation.bodyOf(block.inverse, around),
  };
}

function translateWith(translation: Translation, block: hbs.AST.BlockStatement, around: Surroundings): Statement {
  const context = `context:${nextNumber(translation)}`;
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
    body: translation.bodyOf(block.program, inside),
    otherwise: translation.bodyOf(block.inverse, around),
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
