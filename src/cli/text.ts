/** Text from elsewhere, made fit for a line of a terminal. */
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter();

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/**
 * One line without control characters. What a server, an engine or a program under test says ends up in someone's terminal:
 * it must not move the cursor there, or worse.
 */
export const oneLine = (text: string): string => stripVTControlCharacters(text).replace(CONTROL, ' ').trim();

/** At most `width` columns of a line without escape codes; ends in `…` where something had to go. */
export const cut = (line: string, width: number): string => {
  if (stringWidth(line) <= width) return line;
  let kept = '';
  let columns = 0;
  for (const { segment } of segmenter.segment(line)) {
    columns += stringWidth(segment);
    if (columns > width - 1) break;
    kept += segment;
  }
  return width < 1 ? '' : `${kept}…`;
};

/** The lines of a text, each without control characters; tabs become spaces. */
export const lines = (text: string): readonly string[] =>
  stripVTControlCharacters(text)
    .split(/\r?\n/)
    .map(line => line.replaceAll('\t', '    ').replace(CONTROL, ' '));
