import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** What a renderer needs to know of the screen that it draws for; with it, the same renderer also writes plain text. */
export type Pen = {
  paint(style: Style, text: string): string;
  /**
   * Goes from the end of an emoji to a column, counted from 0. Terminals disagree on whether `⚙️` takes one cell or two; text
   * that follows it lines up only by saying where.
   */
  column(index: number): string;
};

/** Neither colours nor escape codes. */
export const plainPen: Pen = { paint: (_style, text) => text, column: () => ' ' };

/** For a terminal. `NO_COLOR` and its kin are decided by whoever picks the pen. */
export const screenPen = ({ color }: { readonly color: boolean }): Pen => ({
  paint: color ? (style, text) => styleText(style, text, { validateStream: false }) : plainPen.paint,
  column: index => `\u001b[${index + 1}G`,
});
