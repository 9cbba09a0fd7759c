/** One run of one template: what its statements and expressions share. */
import type { Span } from '../tree.ts';
import type { Template } from './ast.ts';
import { type Budget, costOfList, costOfText, EXHAUSTED, newBudget } from './budget.ts';
import { type CallContext, CallError } from './function.ts';
import { newWriter, type Writer } from './output.ts';
import { plainText } from './print.ts';
import { innerScope, type Scope } from './scope.ts';
import type { Semantics } from './semantics.ts';
import { templateError } from './template-error.ts';
import type { Value } from './value.ts';

/** What a template runs in. */
export type World = Pick<CallContext, 'env' | 'folder' | 'signal'> & {
  /** Variables that all of the template sees. */
  readonly globals: ReadonlyMap<string, Value>;
};

export type Run = {
  readonly definitions: Template['definitions'];
  readonly semantics: Semantics;
  readonly budget: Budget;
  readonly context: CallContext;
  readonly globals: Scope;
  readonly writer: Writer;
  /** Invocations that are under way. */
  level: number;
};

export function newRun({ definitions }: Template, semantics: Semantics, { globals, ...world }: World): Run {
  const budget = newBudget(world.signal);
  const { spend, weigh } = budget;
  const textOf = (value: Value): string => {
    weigh(value);
    return plainText(value);
  };
  return {
    definitions,
    semantics,
    budget,
    context: {
      ...world,
      spend,
      spendText: characters => spend(costOfText(characters)),
      spendList: items => spend(costOfList(items)),
      weigh,
      textOf,
    },
    globals: innerScope(null, globals),
    writer: newWriter(),
    level: 0,
  };
}

/** Takes what one statement or expression costs. */
export function step(run: Run, span: Span): void {
  if (!run.budget.take(1)) throw templateError(span, `the template ${EXHAUSTED}`);
}

/** Gives the place to what goes wrong in `action`. */
export function at<Result>(span: Span, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (error instanceof CallError) throw templateError(span, error.message);
    throw error;
  }
}
