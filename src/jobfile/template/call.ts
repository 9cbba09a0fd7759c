/** Calls a function of the library with a template's values. */
import { describe } from './field.ts';
import { type CallContext, CallError, type Parameter, type TemplateFunction } from './function.ts';
import type { Semantics } from './semantics.ts';
import type { Value } from './value.ts';

/** Throws {@link CallError} when the arguments don't fit, or when the function can't do it. */
export function call(
  { parameters, rest, call }: TemplateFunction,
  args: readonly Value[],
  { nothingIsEmpty }: Semantics,
  context: CallContext,
): Value | Promise<Value> {
  if (args.length < parameters.length || (rest === null && args.length > parameters.length)) {
    throw new CallError(`takes ${arity(parameters, rest)}, not ${args.length}`);
  }
  const read = args.map((arg, index) => {
    const parameter = parameters[index] ?? (rest as Parameter<unknown>);
    if (arg === null && nothingIsEmpty && parameter.whenNothing !== undefined) return parameter.whenNothing;
    const value = parameter.read(arg);
    if (value === undefined) {
      throw new CallError(`wants ${parameter.wants} for \`${parameter.name}\`, not ${describe(arg)}`, { argument: index });
    }
    return value;
  });
  return call(read, context);
}

function arity(parameters: TemplateFunction['parameters'], rest: TemplateFunction['rest']): string {
  const names = [...parameters.map(({ name }) => name), ...(rest === null ? [] : [`${rest.name}…`])];
  if (names.length === 0) return 'no arguments';
  const count = rest === null ? '' : 'at least ';
  const total = parameters.length;
  return total === 0 ? 'any number of arguments' : `${count}${total} argument${total === 1 ? '' : 's'} (${names.join(', ')})`;
}
