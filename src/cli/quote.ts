import { shellQuote } from '../base/shell-quote.ts';

const NEEDS_NO_QUOTES = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** A word as a POSIX shell reads it back: in single quotes, unless it needs none. */
export const quoteWord = (word: string): string => (NEEDS_NO_QUOTES.test(word) ? word : shellQuote(word));

/** A command line that can be pasted into a shell. */
export const quoteCommand = (words: readonly string[]): string => words.map(quoteWord).join(' ');
