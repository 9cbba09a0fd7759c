/** What a template writes: text, and where each piece of it came from. */
import type { Piece } from '../rendered.ts';
import type { Span } from '../tree.ts';
import { templateError } from './template-error.ts';

/** A job that is bigger is not read by anyone. */
const MOST_CHARACTERS = 10 * 2 ** 20;

export type Output = { readonly text: string; readonly pieces: readonly Piece[] };

export type Writer = {
  /** `verbatim`: the template has this very text at `span`. */
  readonly write: (span: Span, text: string, verbatim: boolean) => void;
  /** Puts `indent` before every line that is written until the function that it returns is called. */
  readonly indent: (indent: string, span: Span) => () => void;
  readonly output: () => Output;
};

/** What stands before each line; `isDue`: the next character begins one. */
type Margin = { readonly text: string; readonly span: Span; isDue: boolean };

const NO_MARGIN: Margin = { text: '', span: { start: 0, end: 0 }, isDue: false };

export function newWriter(): Writer {
  const chunks: string[] = [];
  const pieces: Piece[] = [];
  let length = 0;
  let margin = NO_MARGIN;

  const append = (span: Span, text: string, verbatim: boolean): void => {
    if (text === '') return;
    pieces.push({ start: length, from: span, verbatim });
    chunks.push(text);
    length += text.length;
    if (length > MOST_CHARACTERS) {
      throw templateError(span, `the template makes too much text: more than ${MOST_CHARACTERS} characters`);
    }
  };

  const appendLines = (span: Span, text: string, verbatim: boolean): void => {
    let start = span.start;
    for (const line of text.split(/(?<=\n)/)) {
      if (margin.isDue) append(margin.span, margin.text, false);
      append(verbatim ? { start, end: span.end } : span, line, verbatim);
      start += line.length;
      margin.isDue = line.endsWith('\n');
    }
  };

  return {
    write: (span, text, verbatim) => {
      if (margin === NO_MARGIN) append(span, text, verbatim);
      else if (text !== '') appendLines(span, text, verbatim);
    },
    indent: (indent, span) => {
      const outer = margin;
      if (indent !== '') margin = { text: outer.text + indent, span, isDue: true };
      return () => {
        margin = outer;
      };
    },
    output: () => ({ text: chunks.join(''), pieces }),
  };
}
