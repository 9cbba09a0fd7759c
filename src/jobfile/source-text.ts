/** A text with the name of its file, and where its lines begin. */
export type SourceText = {
  /** As the user named it. */
  readonly file: string;
  readonly text: string;
  /** Offset of each line's first character, ascending; the first is 0. */
  readonly lineStarts: readonly number[];
};

/** 1-based, in characters as JavaScript counts them (an emoji may be two), as `tsc` and most editors do. */
export type Place = {
  readonly line: number;
  readonly column: number;
};

export function sourceText(file: string, text: string): SourceText {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  return { file, text, lineStarts };
}

/** Where `offset` is; offsets beyond the text count as its end. */
export function placeAt({ text, lineStarts }: SourceText, offset: number): Place {
  const within = Math.max(0, Math.min(offset, text.length));
  const line = lastAtMost(lineStarts, start => start, within);
  return { line: line + 1, column: within - (lineStarts[line] ?? 0) + 1 };
}

/** A line's text without its end; `''` for lines that are not there. */
export function lineText({ text, lineStarts }: SourceText, line: number): string {
  const start = lineStarts[line - 1];
  if (start === undefined) return '';
  const end = lineStarts[line];
  return text.slice(start, end === undefined ? undefined : end - 1).replace(/\r$/, '');
}

/** Index of the last item whose place is at most `limit`, of items in ascending order of their places; 0 when none is. */
export function lastAtMost<Item>(items: readonly Item[], placeOf: (item: Item) => number, limit: number): number {
  let low = 0;
  let high = items.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (placeOf(items[middle] as Item) <= limit) low = middle;
    else high = middle - 1;
  }
  return Math.max(low, 0);
}
