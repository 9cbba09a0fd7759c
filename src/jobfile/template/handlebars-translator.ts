/**
 * Handlebars into statements. Blocks that change the context (`each`, `with`) name it, so that `../x` and `@../index` are
 * plain variables: which one is known from the nesting alone.
 */
import type { Body, Statement, Template } from './ast.ts';
import { translateBlock } from './handlebars-blocks.ts';
import { isPath, translateCall } from './handlebars-expressions.ts';
import { type PartialNode, translateInline, translatePartial } from './handlebars-partials.ts';
import { parseHandlebars } from './handlebars-syntax.ts';
import { checkDepth, deeper, type Surroundings, TOP, type Translation } from './handlebars-translation.ts';
import { TemplateError, templateError } from './template-error.ts';

/** Throws {@link TemplateError}. `globals`: what the context has at the top of the template. */
export function parseHandlebarsTemplate(source: string, globals: readonly string[]): Template {
  const { program, spanOf } = parseHandlebars(source);
  const translation: Translation = {
    source,
    spanOf,
    globals,
    definitions: new Map(),
    faults: [],
    names: 0,
    bodyOf: (inner, around) => (inner?.body ?? []).flatMap(statement => translateStatement(translation, statement, around)),
  };
  const body = translation.bodyOf(program, TOP);
  if (translation.faults.length > 0) throw new TemplateError(translation.faults);
  return { body, definitions: translation.definitions };
}

function translateStatement(translation: Translation, statement: hbs.AST.Statement, around: Surroundings): Body {
  const span = translation.spanOf(statement);
  checkDepth(around, span);
  const inside = deeper(around);
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
      return [translatePartial(translation, statement as PartialNode, inside)];
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
