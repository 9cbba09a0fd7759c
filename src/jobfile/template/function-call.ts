/** Names of functions in templates: what both dialects' readers make of them. */

import { nearest } from '../../base/nearest.ts';
import { library } from '../functions/library.ts';
import type { Span } from '../tree.ts';
import type { Expression } from './ast.ts';
import { type TemplateFault, templateError } from './template-error.ts';

/** Functions that are the evaluator's own: they do not evaluate all of their arguments. */
const OPERATORS: readonly string[] = ['and', 'or'];

/** Notes a function that there is none of. `others`: what else could stand in its place. */
export function checkFunction(
  name: string,
  span: Span,
  note: (fault: TemplateFault) => void,
  others: readonly string[] = [],
): void {
  if (library.has(name) || OPERATORS.includes(name)) return;
  const suggestion = nearest(name, [...others, ...library.keys(), ...OPERATORS]);
  note({ span, message: `there is no function \`${name}\``, ...(suggestion === null ? {} : { suggestion }) });
}

/** A call as the evaluator knows it. A name that nobody has was noted by {@link checkFunction}. */
export function callTo(name: string, args: readonly Expression[], span: Span): Expression {
  const to = library.get(name);
  if (to !== undefined) return { type: 'call', span, name, to, args };
  if (name !== 'and' && name !== 'or') return { type: 'literal', span, value: null };
  if (args.length === 0) throw templateError(span, `\`${name}\` takes at least 1 argument`);
  return { type: name, span, args };
}
