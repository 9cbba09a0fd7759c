/** What expressions come to. */
import { assertNever } from '../../base/invariant.ts';
import type { Expression } from './ast.ts';
import { costOf } from './budget.ts';
import { call } from './call.ts';
import { fieldOf } from './field.ts';
import { CallError } from './function.ts';
import { andThen, inOrder, type MaybeAsync } from './maybe-async.ts';
import { at, type Run, step } from './run.ts';
import { lookUp, type Scope } from './scope.ts';
import { type TemplateError, templateError } from './template-error.ts';
import { Dict, type Value } from './value.ts';

type Of<Type extends Expression['type']> = Extract<Expression, { readonly type: Type }>;

/** Throws {@link TemplateError}, or rejects with it. */
export function valueOf(run: Run, expression: Expression, scope: Scope): MaybeAsync<Value> {
  step(run, expression.span);
  switch (expression.type) {
    case 'literal':
      return expression.value;
    case 'variable':
      return variableValue(expression, scope);
    case 'name':
      return nameValue(run, expression, scope);
    case 'field':
      return andThen(valueOf(run, expression.of, scope), of =>
        andThen(valuesOf(run, expression.args, scope), args =>
          at(expression.span, () => fieldOf(of, expression.key, args, run.semantics.nothingIsEmpty)),
        ),
      );
    case 'and':
    case 'or':
      return logicValue(run, expression, scope, 0);
    case 'extended':
      return extendedValue(run, expression, scope);
    case 'call':
      return andThen(valuesOf(run, expression.args, scope), args => callValue(run, expression, args));
    default:
      return assertNever(expression);
  }
}

const valuesOf = (run: Run, expressions: readonly Expression[], scope: Scope): MaybeAsync<readonly Value[]> =>
  expressions.length === 0 ? [] : inOrder(expressions, expression => valueOf(run, expression, scope));

function variableValue({ name, span }: Of<'variable'>, scope: Scope): Value {
  const value = lookUp(scope, name);
  if (value === undefined) throw templateError(span, `there is no variable ${name} here`);
  return value;
}

/** An entry of the context comes first, so that data may be called like a function. */
function nameValue(run: Run, { span, name, to }: Of<'name'>, scope: Scope): MaybeAsync<Value> {
  const context = lookUp(scope, '.') ?? null;
  const entry = context instanceof Dict ? context.entries.get(name) : undefined;
  if (entry !== undefined) return entry;
  if (to !== null) return callValue(run, { type: 'call', span, name, to, args: [] }, []);
  if (isGlobal(run, name)) throw templateError(span, `there is no \`${name}\` in this context`, { suggestion: `@root.${name}` });
  return at(span, () => fieldOf(context, name, [], run.semantics.nothingIsEmpty));
}

function isGlobal({ globals }: Run, name: string): boolean {
  const root = lookUp(globals, '$');
  return root instanceof Dict && root.entries.has(name);
}

/** The first value that settles it, or the last. */
function logicValue(run: Run, expression: Of<'and' | 'or'>, scope: Scope, index: number): MaybeAsync<Value> {
  const arg = expression.args[index];
  if (arg === undefined) return null;
  return andThen(valueOf(run, arg, scope), value => {
    const isSettled = run.semantics.isTrue(value) === (expression.type === 'or');
    return isSettled || index === expression.args.length - 1 ? value : logicValue(run, expression, scope, index + 1);
  });
}

function extendedValue(run: Run, { of, entries }: Of<'extended'>, scope: Scope): MaybeAsync<Value> {
  const keys = [...entries.keys()];
  return andThen(valueOf(run, of, scope), base =>
    andThen(valuesOf(run, [...entries.values()], scope), values => {
      const extended = new Dict(base instanceof Dict ? base.entries : []);
      for (const [index, key] of keys.entries()) extended.entries.set(key, values[index] ?? null);
      return extended;
    }),
  );
}

/** What a call takes and what it makes cost, besides what the function itself spends. */
function callValue(run: Run, expression: Of<'call'>, args: readonly Value[]): MaybeAsync<Value> {
  const { spend } = run.budget;
  const made = (value: Value): Value => {
    spend(costOf(value));
    return value;
  };
  try {
    for (const arg of args) if (typeof arg === 'string') spend(costOf(arg));
    const value = call(expression.to, args, run.semantics, run.context);
    if (!(value instanceof Promise)) return made(value);
    return value.then(made).catch((error: unknown) => {
      throw blamed(error, expression);
    });
  } catch (error) {
    throw blamed(error, expression);
  }
}

/** A failed call with its place: that of the argument that is to blame, if it is one. */
function blamed(error: unknown, { name, span, args }: Of<'call'>): unknown {
  if (!(error instanceof CallError)) return error;
  const argument = error.argument === null ? undefined : args[error.argument];
  const output = error.output === null ? {} : { output: error.output };
  return templateError(argument?.span ?? span, `\`${name}\` ${error.message}`, output) satisfies TemplateError;
}
