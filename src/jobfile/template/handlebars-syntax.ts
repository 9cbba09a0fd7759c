/** Handlebars' own parser, with places as offsets and its complaints in words. */
import Handlebars from 'handlebars';
import type { Span } from '../tree.ts';
import { MOST_LEVELS } from './handlebars-translation.ts';
import { type TemplateError, templateError } from './template-error.ts';

export type HandlebarsTree = {
  readonly program: hbs.AST.Program;
  readonly spanOf: (node: hbs.AST.Node) => Span;
};

/** Throws {@link TemplateError}. */
export function parseHandlebars(source: string): HandlebarsTree {
  const offsetOf = offsets(source);
  // The parser takes ever longer with each block that is open.
  openBlocks(source);
  try {
    const program = Handlebars.parse(source);
    const spanOf = ({ loc }: hbs.AST.Node): Span => ({ start: offsetOf(loc.start), end: offsetOf(loc.end) });
    return { program, spanOf };
  } catch (error) {
    // The parser's visitors call themselves for each level.
    if (error instanceof RangeError) throw templateError({ start: 0, end: 1 }, 'nested too deeply');
    throw inWords(error, source, offsetOf);
  }
}

type Offsets = (position: hbs.AST.Position) => number;

/** Handlebars counts lines from 1, columns from 0, and ends lines as its lexer does. */
function offsets(source: string): Offsets {
  const starts = [0, ...[...source.matchAll(/\r\n?|\n/g)].map(({ index, 0: end }) => index + end.length)];
  return ({ line, column }) => Math.min((starts[line - 1] ?? source.length) + column, source.length);
}

/** What Handlebars' exceptions carry beside their message. */
type ParseException = {
  readonly lineNumber?: number;
  readonly column?: number;
  readonly endLineNumber?: number;
  readonly endColumn?: number;
};

function inWords(error: unknown, source: string, offsetOf: Offsets): TemplateError {
  if (!(error instanceof Error)) throw error;
  const { lineNumber, column, endLineNumber, endColumn } = error as Error & ParseException;
  if (lineNumber !== undefined && column !== undefined) {
    const start = offsetOf({ line: lineNumber, column });
    const end = offsetOf({ line: endLineNumber ?? lineNumber, column: endColumn ?? column + 1 });
    return templateError({ start, end }, withoutPlace(error.message), {});
  }
  const got = /got '(\w+)'/.exec(error.message)?.[1] ?? '';
  const unclosed = got === 'EOF' ? openBlocks(source).at(-1) : undefined;
  if (unclosed !== undefined) {
    return templateError(unclosed.span, `the block {{#${unclosed.name}}} is not closed`, { expected: `{{/${unclosed.name}}}` });
  }
  const [first = '', past = '', arrow = ''] = error.message.split('\n');
  const at = placeOf(source, Number(/line (\d+)/.exec(first)?.[1] ?? 1), past.slice(0, arrow.indexOf('^')), offsetOf);
  return templateError({ start: at, end: at + 1 }, COMPLAINTS.get(got) ?? "Handlebars can't read this");
}

const withoutPlace = (message: string): string =>
  message
    .replace(/ - \d+:\d+$/, '')
    .replace(/^Invalid path: (.*)$/, '`$1` is no path')
    .replace(/^(\S+) doesn't match (\S+)$/, 'the block {{#$1}} is closed by {{/$2}}');

/** A token may have begun lines before the one that the parser names. */
const FARTHEST_BACK = 2_000;

/** The parser tells the line and up to twenty characters, without line ends, that it had read before it stopped. */
function placeOf(source: string, line: number, shown: string, offsetOf: Offsets): number {
  const before = shown.replace(/^\.{3}/, '');
  const last = offsetOf({ line: line + 1, column: 0 });
  for (let end = last; end >= Math.max(0, last - FARTHEST_BACK); end--) {
    const passed = source.slice(Math.max(0, end - 2 * before.length), end).replaceAll('\n', '');
    if (passed.endsWith(before)) return end;
  }
  return offsetOf({ line, column: 0 });
}

type OpenBlock = { readonly name: string; readonly span: Span };

/** Blocks that are open at the end, the innermost last, as far as can be told without a parser. Throws where they are too many. */
function openBlocks(source: string): readonly OpenBlock[] {
  const open: OpenBlock[] = [];
  for (const { index, 0: tag, 1: closing, 2: name = '' } of source.matchAll(/\{\{~?(?:[#^]>?\*?|(\/))\s*([^\s}~]*)/g)) {
    const span = { start: index, end: index + tag.length };
    if (closing !== undefined) open.pop();
    else if (name !== '') open.push({ name, span });
    if (open.length > MOST_LEVELS) throw templateError(span, 'nested too deeply');
  }
  return open;
}

/** By the token that nobody expected. */
const COMPLAINTS: ReadonlyMap<string, string> = new Map([
  ['EOF', 'the template ends inside of {{ }}'],
  ['OPEN_SEXPR', 'a parenthesis is a call with a function and its arguments, inside of another call'],
  ['OPEN_ENDBLOCK', 'there is no block that is closed here'],
  ['INVERSE', 'there is no block that this {{else}} could belong to'],
  ['OPEN_INVERSE_CHAIN', 'there is no block that this {{else …}} could belong to'],
  ['INVALID', 'this means nothing between {{ and }}'],
  ['CLOSE', 'something is missing before }}: a value, or a closing parenthesis'],
  ['CLOSE_UNESCAPED', 'something is missing before }}}'],
  ['CLOSE_SEXPR', 'a parenthesis is closed that was not opened'],
  ['CLOSE_BLOCK_PARAMS', 'a bar means nothing here: Handlebars has no pipelines, calls stand in parentheses: (upper (trim x))'],
  ['SEP', 'a name does not begin with a dot in Handlebars'],
  ['NUMBER', 'a number means nothing here: an item of a list is Args.[0]'],
  ['EQUALS', 'a value is missing before ='],
]);
