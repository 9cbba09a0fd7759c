/**
 * What a template made, and where each piece of it came from: so that a problem in generated text names the line that a
 * person wrote.
 */
import type { Mistake } from './problem.ts';
import { lastAtMost, lineText, placeAt, type SourceText, sourceText } from './source-text.ts';

/** A stretch of the output. */
export type Piece = {
  /** Its first character in the output. */
  readonly start: number;
  /** What it came from, in the template. */
  readonly from: { readonly start: number; readonly end: number };
  /** Taken over character by character, rather than made by an expression. */
  readonly verbatim: boolean;
};

export type Rendered = {
  readonly template: SourceText;
  readonly output: SourceText;
  /** Ascending by `start`. */
  readonly pieces: readonly Piece[];
};

/** A text in which nothing was to be replaced. */
export const asWritten = (template: SourceText): Rendered => ({
  template,
  output: template,
  pieces: [{ start: 0, from: { start: 0, end: template.text.length }, verbatim: true }],
});

export const rendered = (template: SourceText, text: string, pieces: readonly Piece[]): Rendered => ({
  template,
  output: sourceText(template.file, text),
  pieces,
});

/** What is wrong from `start` to `end` of the output, as a problem of the template. */
export function mistakeIn(
  { template, output, pieces }: Rendered,
  { start, end }: { readonly start: number; readonly end: number },
  what: Pick<Mistake, 'message' | 'expected' | 'suggestion'>,
): Mistake {
  const piece = pieces[lastAtMost(pieces, ({ start }) => start, start)];
  const begin =
    piece === undefined
      ? 0
      : piece.verbatim
        ? Math.min(piece.from.start + start - piece.start, piece.from.end)
        : piece.from.start;
  const length = piece?.verbatim === false ? piece.from.end - piece.from.start : end - start;
  const made = lineText(output, placeAt(output, start).line);
  const mistake = mistakeAt(template, { start: begin, end: begin + length }, what);
  return made === mistake.source ? mistake : { ...mistake, rendered: made };
}

/** What is wrong from `start` to `end` of a source text. */
export function mistakeAt(
  text: SourceText,
  { start, end }: { readonly start: number; readonly end: number },
  what: Pick<Mistake, 'message' | 'expected' | 'suggestion' | 'output'>,
): Mistake {
  const { line, column: at } = placeAt(text, start);
  const source = lineText(text, line);
  // A line end of two characters is not part of its line.
  const column = Math.min(at, source.length + 1);
  const length = Math.max(1, Math.min(end - start, source.length - column + 1));
  return { type: 'mistake', file: text.file, line, column, length, source, ...what };
}
