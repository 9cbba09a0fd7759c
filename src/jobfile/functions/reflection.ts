/** What Go would say of a value's type. */
import { anything, fn, type TemplateFunction, text } from '../template/function.ts';
import { deepEqual, kindOf, typeOf } from '../template/value.ts';

const value = anything('value');

const typeIs = fn([text('type'), value], (type, of) => typeOf(of) === type);

export const reflection: Readonly<Record<string, TemplateFunction>> = {
  typeOf: fn([value], typeOf),
  typeIs,
  /** Would look through a pointer too; no template has any. */
  typeIsLike: typeIs,
  kindOf: fn([value], kindOf),
  kindIs: fn([text('kind'), value], (kind, of) => kindOf(of) === kind),
  deepEqual: fn([anything('a'), anything('b')], (a, b, { weigh }) => {
    weigh(a);
    return deepEqual(a, b);
  }),
};
