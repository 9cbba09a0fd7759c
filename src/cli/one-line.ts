/** Text from elsewhere, made harmless for a terminal. Apart from `cut.ts` because what measures text takes long to load. */
import { stripVTControlCharacters } from 'node:util';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/**
 * One line without control characters. What a server, an engine or a program under test says ends up in someone's terminal:
 * it must not move the cursor there, or worse.
 */
export const oneLine = (text: string): string => stripVTControlCharacters(text).replace(CONTROL, ' ').trim();

/** The lines of a text, each without control characters; tabs become spaces. */
export const lines = (text: string): readonly string[] =>
  stripVTControlCharacters(text)
    .split(/\r?\n/)
    .map(line => line.replaceAll('\t', '    ').replace(CONTROL, ' '));
