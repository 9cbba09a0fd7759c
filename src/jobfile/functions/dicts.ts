/** Dicts. `set`, `unset` and the merges change the dict that they are given, and return it. */
import { anything, type CallContext, CallError, dict, fn, type TemplateFunction, text, variadic } from '../template/function.ts';
import { Dict, isEmpty, listOf, sortedEntries, textList, type Value } from '../template/value.ts';

/** Texts at every other place are keys; the last one may lack its value. */
function dictOf(pairs: readonly Value[], { textOf }: CallContext): Dict {
  const made = new Dict();
  for (let index = 0; index < pairs.length; index += 2)
    made.entries.set(textOf(pairs[index] ?? null), pairs[index + 1] ?? (index + 1 < pairs.length ? null : ''));
  return made;
}

/** What stands at the end of a path of keys, or the default when a key is missing on the way. */
function dig(path: readonly Value[], { textOf }: CallContext): Value {
  const [fallback = null, from = null] = path.slice(-2);
  let found: Value = from;
  for (const key of path.slice(0, -2)) {
    if (!(found instanceof Dict)) throw new CallError(`finds no dict to look for ${JSON.stringify(textOf(key))} in`);
    const next = found.entries.get(textOf(key));
    if (next === undefined) return fallback;
    found = next;
  }
  return found;
}

/** Dicts in both are merged in turn; otherwise the target's value stays, unless it is empty or to be overwritten. */
function mergeInto(target: Dict, source: Dict, overwrite: boolean): Dict {
  for (const [key, value] of source.entries) {
    const present = target.entries.get(key);
    if (present instanceof Dict && value instanceof Dict && present !== value) mergeInto(present, value, overwrite);
    else if (present === undefined || isEmpty(present) || (overwrite && !isEmpty(value))) target.entries.set(key, value);
  }
  return target;
}

const merger = (overwrite: boolean): TemplateFunction =>
  variadic([dict('target')], dict('source'), (target, sources, { weigh }) => {
    for (const source of sources) {
      weigh(target);
      weigh(source);
      mergeInto(target, source, overwrite);
    }
    return target;
  });
const merge = merger(false);
const mergeOverwrite = merger(true);

const keysAre = (keys: readonly Value[], wanted: boolean, { entries }: Dict, { textOf }: CallContext): Dict => {
  const named = new Set(keys.map(textOf));
  return new Dict([...entries].filter(([key]) => named.has(key) === wanted));
};

const key = anything('key');

export const dicts: Readonly<Record<string, TemplateFunction>> = {
  dict: variadic([], anything('key or value'), dictOf),
  get: fn([dict('dict'), text('key')], ({ entries }, name) => entries.get(name) ?? (entries.has(name) ? null : '')),
  set: fn([dict('dict'), text('key'), anything('value')], (target, name, value) => {
    target.entries.set(name, value);
    return target;
  }),
  unset: fn([dict('dict'), text('key')], (target, name) => {
    target.entries.delete(name);
    return target;
  }),
  hasKey: fn([dict('dict'), text('key')], ({ entries }, name) => entries.has(name)),
  pluck: variadic([text('key')], dict('dict'), (name, dicts) =>
    listOf(dicts.filter(({ entries }) => entries.has(name)).map(({ entries }) => entries.get(name) ?? null)),
  ),
  dig: variadic([key, anything('default')], anything('dict'), (name, fallback, more, context) => {
    if (more.length === 0) throw new CallError('takes keys, a default and a dict');
    return dig([name, fallback, ...more], context);
  }),
  merge,
  mustMerge: merge,
  mergeOverwrite,
  mustMergeOverwrite: mergeOverwrite,
  keys: variadic([], dict('dict'), dicts => textList(dicts.flatMap(each => sortedEntries(each).map(([name]) => name)))),
  values: fn([dict('dict')], each => listOf(sortedEntries(each).map(([, value]) => value))),
  pick: variadic([dict('dict')], key, (from, keys, context) => keysAre(keys, true, from, context)),
  omit: variadic([dict('dict')], key, (from, keys, context) => keysAre(keys, false, from, context)),
};
