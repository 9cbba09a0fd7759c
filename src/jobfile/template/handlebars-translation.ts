/** What the readers of Handlebars' statements, blocks, partials and expressions share. */
import type { Span } from '../tree.ts';
import type { Body } from './ast.ts';
import { type TemplateError, type TemplateFault, templateError } from './template-error.ts';

/** One template on its way into statements. */
export type Translation = {
  readonly source: string;
  readonly spanOf: (node: hbs.AST.Node) => Span;
  /** What the context has at the top of the template. */
  readonly globals: readonly string[];
  readonly definitions: Map<string, Body>;
  readonly faults: TemplateFault[];
  /** Numbers handed out to make names different. */
  names: number;
  /** The statements of a program, those of its blocks included. */
  readonly bodyOf: (program: hbs.AST.Program | undefined, around: Surroundings) => Body;
};

/** What surrounds a piece of a template. */
export type Surroundings = {
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

export const TOP: Surroundings = { contexts: ['$'], loops: [], blockParams: [], depth: 0, isTop: true };

/** A definition's context is its argument. */
export const DEFINITION: Surroundings = { ...TOP, isTop: false };

/** Deeper nesting would exhaust the stack. */
export const MOST_LEVELS = 200;

/** Throws {@link TemplateError} where the nesting gets too deep. */
export function checkDepth({ depth }: Surroundings, span: Span): void {
  if (depth > MOST_LEVELS) throw templateError(span, 'nested too deeply');
}

export const deeper = (around: Surroundings): Surroundings => ({ ...around, depth: around.depth + 1 });

/** A number that no other name of the template has. */
export function nextNumber(translation: Translation): number {
  translation.names += 1;
  return translation.names;
}
