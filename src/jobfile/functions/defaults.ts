/** What to take where nothing is, and JSON. */
import { anything, type CallContext, CallError, fn, type TemplateFunction, text, truth, variadic } from '../template/function.ts';
import { isEmpty, type Value } from '../template/value.ts';
import { fromJson, toJson } from './json.ts';

const value = anything('value');

const parsed = fn([text('json')], json => {
  try {
    return fromJson(json);
  } catch (cause) {
    throw new CallError(`can't read the JSON: ${cause instanceof Error ? cause.message : cause}`, { argument: 0, cause });
  }
});

/** Everything that a template computes with has a JSON form but numbers without end. */
const encoder = (options: Parameters<typeof toJson>[1]): TemplateFunction =>
  fn([value], (from: Value, { weigh }: CallContext) => {
    weigh(from);
    return toJson(from, options);
  });
const encoded = encoder({});
const pretty = encoder({ indent: '  ' });
const raw = encoder({ raw: true });

export const defaults: Readonly<Record<string, TemplateFunction>> = {
  default: variadic([anything('default')], value, (fallback, [given]) =>
    given === undefined || isEmpty(given) ? fallback : given,
  ),
  empty: fn([value], isEmpty),
  coalesce: variadic([], value, values => values.find(item => !isEmpty(item)) ?? null),
  all: variadic([], value, values => !values.some(isEmpty)),
  any: variadic([], value, values => values.some(item => !isEmpty(item))),
  ternary: fn([anything('yes'), anything('no'), truth('test')], (yes, no, test) => (test ? yes : no)),
  fromJson: fn([text('json')], json => {
    try {
      return fromJson(json);
    } catch {
      return null;
    }
  }),
  mustFromJson: parsed,
  toJson: encoded,
  mustToJson: encoded,
  toPrettyJson: pretty,
  mustToPrettyJson: pretty,
  toRawJson: raw,
  mustToRawJson: raw,
};
