/**
 * Regular expressions in RE2's syntax, with RE2's promise: time grows with the text, whatever the expression. What RE2 refuses
 * (look-around, back-references) is a mistake here too, though JavaScript would take it.
 */
import { RE2JS } from 're2js';
import { type CallContext, CallError, fn, integer, type TemplateFunction, text } from '../template/function.ts';
import { textList } from '../template/value.ts';

/** What matching one character costs, in steps. */
const STEPS_PER_CHARACTER = 0.1;

function compile(expression: string, subject: string, { spend }: CallContext): RE2JS {
  spend(expression.length + subject.length * STEPS_PER_CHARACTER);
  try {
    return RE2JS.compile(expression);
  } catch (cause) {
    throw new CallError(`can't read the regular expression: ${cause instanceof Error ? cause.message : cause}`, {
      argument: 0,
      cause,
    });
  }
}

type Match = { readonly start: number; readonly end: number; readonly group: (name: string) => string };

/** The matches from left to right, at most `most` when it is not negative. None is empty right behind another one, as in Go. */
function* matchesOf(expression: RE2JS, subject: string, { spend }: CallContext, most = -1): Generator<Match> {
  const matcher = expression.matcher(subject);
  let previousEnd = -1;
  let found = 0;
  for (let at = 0; at <= subject.length && found !== most && matcher.find(at); ) {
    const [start, end] = [matcher.start(), matcher.end()];
    const isRepeated = end === at && start === previousEnd;
    at = end === at ? at + ((subject.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) : end;
    previousEnd = end;
    if (isRepeated) continue;
    found += 1;
    spend(1);
    yield { start, end, group: name => groupOf(expression, matcher, name) };
  }
}

function groupOf(expression: RE2JS, matcher: ReturnType<RE2JS['matcher']>, name: string): string {
  if (/^\d+$/.test(name)) return Number(name) <= matcher.groupCount() ? (matcher.group(Number(name)) ?? '') : '';
  return Object.hasOwn(expression.namedGroups(), name) ? (matcher.group(name) ?? '') : '';
}

/** Replaces every match; `replacement` gets the match and the text to put in its place. */
function replaceMatches(expression: RE2JS, subject: string, context: CallContext, replacement: (match: Match) => string): string {
  const parts: string[] = [];
  let end = 0;
  for (const match of matchesOf(expression, subject, context)) {
    const replaced = replacement(match);
    context.spendText(replaced.length);
    parts.push(subject.slice(end, match.start), replaced);
    end = match.end;
  }
  return parts.join('') + subject.slice(end);
}

/** `$1`, `${1}`, `$name`, `${name}`; `$$` is a dollar. A name goes on as long as it can: `$1x` is the group `1x`. */
const expanded = (template: string, match: Match): string =>
  template.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, bare?: string, braced?: string) =>
    whole === '$$' ? '$' : match.group(bare ?? braced ?? ''),
  );

/** The texts between matches, at most `most` of them when it is not negative, the last with all that is left. */
function split(expression: RE2JS, subject: string, most: number, context: CallContext): readonly string[] {
  if (most === 0) return [];
  if (subject === '' && expression.pattern() !== '') return [''];
  const parts: string[] = [];
  let [begin, end] = [0, 0];
  for (const match of matchesOf(expression, subject, context, most)) {
    if (most > 0 && parts.length === most - 1) break;
    end = match.start;
    if (match.end !== 0) parts.push(subject.slice(begin, end));
    begin = match.end;
  }
  return end === subject.length ? parts : [...parts, subject.slice(begin)];
}

const regexMatch = fn([text('regex'), text('text')], (regex, subject, context) =>
  compile(regex, subject, context).matcher(subject).find(),
);

const regexFind = fn([text('regex'), text('text')], (regex, subject, context) => {
  const [first] = matchesOf(compile(regex, subject, context), subject, context, 1);
  return first === undefined ? '' : subject.slice(first.start, first.end);
});

const regexFindAll = fn([text('regex'), text('text'), integer('count')], (regex, subject, count, context) =>
  textList(
    [...matchesOf(compile(regex, subject, context), subject, context, count)].map(({ start, end }) => subject.slice(start, end)),
  ),
);

const regexReplaceAll = fn([text('regex'), text('text'), text('replacement')], (regex, subject, replacement, context) =>
  replaceMatches(compile(regex, subject, context), subject, context, match => expanded(replacement, match)),
);

const regexReplaceAllLiteral = fn([text('regex'), text('text'), text('replacement')], (regex, subject, replacement, context) =>
  replaceMatches(compile(regex, subject, context), subject, context, () => replacement),
);

const regexSplit = fn([text('regex'), text('text'), integer('count')], (regex, subject, count, context) =>
  textList(split(compile(regex, subject, context), subject, count, context)),
);

/** The `must` forms are the same: there is no template that would want to go on with a broken expression. */
export const regex: Readonly<Record<string, TemplateFunction>> = {
  regexMatch,
  mustRegexMatch: regexMatch,
  regexFind,
  mustRegexFind: regexFind,
  regexFindAll,
  mustRegexFindAll: regexFindAll,
  regexReplaceAll,
  mustRegexReplaceAll: regexReplaceAll,
  regexReplaceAllLiteral,
  mustRegexReplaceAllLiteral: regexReplaceAllLiteral,
  regexSplit,
  mustRegexSplit: regexSplit,
  regexQuoteMeta: fn([text('text')], subject => subject.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')),
};
