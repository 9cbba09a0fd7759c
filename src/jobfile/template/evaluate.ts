/**
 * Runs a template, whatever dialect it was written in, and keeps the place that every piece of the output came from. Knows no
 * file and no YAML. Asynchronous where a template runs commands, and stoppable everywhere.
 */
import { nearest } from '../../base/nearest.ts';
import type { Span } from '../tree.ts';
import type { Body, Branch, Invocation, Loop, Statement, Template } from './ast.ts';
import { valueOf } from './expression.ts';
import { describe } from './field.ts';
import { andThen, type MaybeAsync } from './maybe-async.ts';
import type { Output } from './output.ts';
import { at, newRun, type Run, step, type World } from './run.ts';
import { assign, innerScope, type Scope } from './scope.ts';
import type { Semantics } from './semantics.ts';
import { type TemplateError, templateError } from './template-error.ts';
import { Dict, integerOf, List, type Value } from './value.ts';

/** Templates that call themselves; each level costs some stack. */
const MOST_LEVELS = 250;

/** Rejects with {@link TemplateError}, with `StopError`, or with the signal's reason. */
export async function evaluate(template: Template, semantics: Semantics, world: World): Promise<Output> {
  const run = newRun(template, semantics, world);
  await runBody(run, template.body, innerScope(run.globals));
  return run.writer.output();
}

/** How a body ended: at its end, or on its way out of the loop around it. */
type Ending = 'end' | 'break' | 'continue';

function runBody(run: Run, body: Body, scope: Scope, start = 0): MaybeAsync<Ending> {
  for (let index = start; index < body.length; index++) {
    const ending = runStatement(run, body[index] as Statement, scope);
    if (ending instanceof Promise) {
      return ending.then(settled => (settled === 'end' ? runBody(run, body, scope, index + 1) : settled));
    }
    if (ending !== 'end') return ending;
  }
  return 'end';
}

function runStatement(run: Run, statement: Statement, scope: Scope): MaybeAsync<Ending> {
  step(run, statement.span);
  switch (statement.type) {
    case 'text':
      run.writer.write(statement.span, statement.text, statement.verbatim);
      return 'end';
    case 'print':
      return andThen(valueOf(run, statement.value, scope), value => {
        run.writer.write(
          statement.span,
          at(statement.span, () => printed(run, value)),
          false,
        );
        return 'end';
      });
    case 'set':
      return andThen(valueOf(run, statement.value, scope), value => {
        if (statement.declare || !assign(scope, statement.name, value)) scope.variables.set(statement.name, value);
        return 'end';
      });
    case 'branch':
      return andThen(valueOf(run, statement.condition, scope), value => runBranch(run, statement, value, scope));
    case 'loop':
      return andThen(valueOf(run, statement.over, scope), value => runLoop(run, statement, value, scope));
    case 'invoke':
      return runInvocation(run, statement, scope);
    default:
      return statement.type;
  }
}

function printed(run: Run, value: Value): string {
  if (typeof value === 'object') run.budget.weigh(value);
  return run.semantics.print(value);
}

function runBranch(run: Run, branch: Branch, value: Value, outer: Scope): MaybeAsync<Ending> {
  const isTrue = run.semantics.isTrue(value) || (branch.zeroIsTrue && (value === 0 || integerOf(value) === 0n));
  const names = isTrue ? [...branch.names, ...branch.bodyNames] : branch.names;
  const scope = innerScope(
    outer,
    names.map(name => [name, value]),
  );
  return runBody(run, isTrue ? branch.body : branch.otherwise, scope);
}

async function runLoop(run: Run, loop: Loop, over: Value, outer: Scope): Promise<Ending> {
  const entries = run.semantics.entries(over);
  if (entries === null) {
    throw templateError(loop.over.span, `can't loop over ${describe(over)}`, { expected: 'a list or a dict' });
  }
  const last = lengthOf(over) - 1;
  let index = 0;
  for (const [key, item] of entries) {
    step(run, loop.span);
    const breath = run.budget.breathe();
    if (breath !== undefined) await breath;
    const scope = roundScope(loop, { key, item, index, isLast: index === last }, outer);
    const ending = runBody(run, loop.body, scope);
    if ((ending instanceof Promise ? await ending : ending) === 'break') return 'end';
    index += 1;
  }
  return index === 0 ? runBody(run, loop.otherwise, innerScope(outer)) : 'end';
}

const lengthOf = (value: Value): number =>
  value instanceof Dict ? value.entries.size : value instanceof List ? value.items.length : 0;

type Round = { readonly key: Value; readonly item: Value; readonly index: number; readonly isLast: boolean };

function roundScope({ names, assigns }: Loop, { key, item, index, isLast }: Round, outer: Scope): Scope {
  const scope = innerScope(outer);
  // The dot is always the round's own.
  const bind = (name: string, value: Value): void => {
    if (!(assigns && name !== '.' && assign(outer, name, value))) scope.variables.set(name, value);
  };
  for (const name of names.item) bind(name, item);
  for (const name of names.key) bind(name, key);
  if (names.index !== undefined) scope.variables.set(names.index, BigInt(index));
  if (names.first !== undefined) scope.variables.set(names.first, index === 0);
  if (names.last !== undefined) scope.variables.set(names.last, isLast);
  return scope;
}

async function runInvocation(run: Run, invocation: Invocation, scope: Scope): Promise<Ending> {
  const { span, name, indent, otherwise } = invocation;
  const called = await valueOf(run, name, scope);
  const body = typeof called === 'string' ? run.definitions.get(called) : undefined;
  if (body === undefined && otherwise === null) throw unknownDefinition(run, name.span, called);
  if (run.level >= MOST_LEVELS) throw templateError(span, `a template calls itself more than ${MOST_LEVELS} levels deep`);
  await run.budget.breathe();
  const inner = body === undefined ? innerScope(scope) : await definitionScope(run, invocation, scope);
  run.level += 1;
  const unindent = run.writer.indent(indent, span);
  await runBody(run, body ?? otherwise ?? [], inner);
  unindent();
  run.level -= 1;
  return 'end';
}

async function definitionScope(run: Run, { argument, variables }: Invocation, scope: Scope): Promise<Scope> {
  const value = await valueOf(run, argument, scope);
  const inner = innerScope(run.globals, [
    ['.', value],
    ['$', value],
  ]);
  for (const [key, expression] of variables) inner.variables.set(key, await valueOf(run, expression, scope));
  return inner;
}

function unknownDefinition(run: Run, span: Span, name: Value): TemplateError {
  if (typeof name !== 'string') return templateError(span, `${describe(name)} is no template's name`);
  const suggestion = nearest(name, run.definitions.keys());
  return templateError(span, `there is no template "${name}"`, suggestion === null ? {} : { suggestion });
}
