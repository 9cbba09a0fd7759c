/**
 * What both dialects are translated into: text, and a few statements over expressions. Everything knows its place in the
 * template. Names of variables are any text: dialects name their own (`.`, `$x`, `@index:2`) so that none clash.
 */
import type { Span } from '../tree.ts';
import type { TemplateFunction } from './function.ts';
import type { Value } from './value.ts';

export type Template = {
  readonly body: Body;
  /** What `invoke` can name. */
  readonly definitions: ReadonlyMap<string, Body>;
};

export type Body = readonly Statement[];

export type Statement =
  /** `verbatim`: the template has this very text at `span`, so that a place in it is a place in the template. */
  | { readonly type: 'text'; readonly span: Span; readonly text: string; readonly verbatim: boolean }
  | { readonly type: 'print'; readonly span: Span; readonly value: Expression }
  /** `declare` makes the variable in the innermost scope, otherwise one that is there changes. */
  | { readonly type: 'set'; readonly span: Span; readonly name: string; readonly declare: boolean; readonly value: Expression }
  /** Binds the condition's value to `names` in both branches' scope, `.` only in the first: `if` and `with`. */
  | Branch
  | Loop
  | Invocation
  | { readonly type: 'break'; readonly span: Span }
  | { readonly type: 'continue'; readonly span: Span };

export type Branch = {
  readonly type: 'branch';
  readonly span: Span;
  readonly condition: Expression;
  /** Zero counts as true: Handlebars' `includeZero=true`. */
  readonly zeroIsTrue: boolean;
  /** Variables that are the condition's value in both branches. */
  readonly names: readonly string[];
  /** Variables that are the condition's value in `body` alone. */
  readonly bodyNames: readonly string[];
  readonly body: Body;
  readonly otherwise: Body;
};

export type Loop = {
  readonly type: 'loop';
  readonly span: Span;
  readonly over: Expression;
  /** Variables made anew for each item. */
  readonly names: {
    readonly item: readonly string[];
    /** The index in a list, the key in a dict. */
    readonly key: readonly string[];
    /** The index in both. */
    readonly index?: string;
    readonly first?: string;
    readonly last?: string;
  };
  /** The variables are there already, around the loop, and keep what the last round gave them. */
  readonly assigns: boolean;
  readonly body: Body;
  readonly otherwise: Body;
};

/** Runs a definition, which sees its argument and the global variables, and nothing of the caller's. */
export type Invocation = {
  readonly type: 'invoke';
  readonly span: Span;
  readonly name: Expression;
  readonly argument: Expression;
  /** Further variables of the definition. */
  readonly variables: ReadonlyMap<string, Expression>;
  /** Put before every line that the definition writes. */
  readonly indent: string;
  /** Runs in the caller's scope when there is no such definition; without it, that is a mistake. */
  readonly otherwise: Body | null;
};

export type Expression =
  | { readonly type: 'literal'; readonly span: Span; readonly value: Value }
  | { readonly type: 'variable'; readonly span: Span; readonly name: string }
  | {
      readonly type: 'field';
      readonly span: Span;
      readonly of: Expression;
      readonly key: string;
      readonly args: readonly Expression[];
    }
  | {
      readonly type: 'call';
      readonly span: Span;
      readonly name: string;
      readonly to: TemplateFunction;
      readonly args: readonly Expression[];
    }
  /** An entry of the dict `.`, or else what the function of that name returns; it may be neither's. */
  | { readonly type: 'name'; readonly span: Span; readonly name: string; readonly to: TemplateFunction | null }
  /** Evaluates from left to right until the answer is known, which is the last value evaluated. */
  | { readonly type: 'and' | 'or'; readonly span: Span; readonly args: readonly Expression[] }
  /** The dict `of` with further entries. */
  | {
      readonly type: 'extended';
      readonly span: Span;
      readonly of: Expression;
      readonly entries: ReadonlyMap<string, Expression>;
    };
