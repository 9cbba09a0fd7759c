/** Lists of texts: splitting, joining, sorting. */
import { anything, type CallContext, fn, integer, type TemplateFunction, text } from '../template/function.ts';
import { byBytes, List, textDict, textList, type Value } from '../template/value.ts';

/** A list's items as texts, nothing left out; anything else is a list of one. */
const textsOf = (value: Value, { textOf }: CallContext): readonly string[] => {
  if (value === null) return [];
  return value instanceof List ? value.items.filter(item => item !== null).map(textOf) : [textOf(value)];
};

/** Without a separator: character by character. */
const splitAll = (separator: string, from: string): readonly string[] => (separator === '' ? [...from] : from.split(separator));

/** At most `count` parts, the last one with all that is left; all of them when `count` is negative. */
function splitUpTo(parts: readonly string[], separator: string, count: number): readonly string[] {
  if (count < 0 || parts.length <= count) return parts;
  return count === 0 ? [] : [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

const numbered = (parts: readonly string[]): Value => textDict(parts.map((part, index) => [`_${index}`, part]));

export const stringLists: Readonly<Record<string, TemplateFunction>> = {
  join: fn([text('separator'), anything('list')], (separator, list, context) => {
    const texts = textsOf(list, context);
    context.spendText(texts.length * separator.length);
    return texts.join(separator);
  }),
  splitList: fn([text('separator'), text('text')], (separator, from) => textList(splitAll(separator, from))),
  split: fn([text('separator'), text('text')], (separator, from) => numbered(splitAll(separator, from))),
  splitn: fn([text('separator'), integer('count'), text('text')], (separator, count, from) =>
    numbered(splitUpTo(splitAll(separator, from), separator, count)),
  ),
  sortAlpha: fn([anything('list')], (list, context) => {
    if (!(list instanceof List)) return textList(textsOf(list, context));
    return textList([...textsOf(list, context)].sort(byBytes));
  }),
  toStrings: fn([anything('list')], (list, context) => textList(textsOf(list, context))),
};
