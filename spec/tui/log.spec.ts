import { describe, expect, it } from 'vitest';
import { AT_END, appendToLog, firstShown, type Log, linesOf, openLog, scroll } from '../../src/tui/log.ts';

const logOf = (...chunks: readonly string[]): Log =>
  chunks.reduce((log, chunk, index) => appendToLog(log, chunk, index === 0), openLog('job', 'task'));

const textsOf = (log: Log, filter = ''): readonly string[] => linesOf(log, filter).map(({ text }) => text);

const hundred = logOf(Array.from({ length: 100 }, (_, index) => `line ${index}\n`).join(''));

describe('a log on the screen', () => {
  it('is split into lines wherever its chunks were cut', () => {
    expect(textsOf(logOf('one\ntw', 'o\nth', 'ree'))).toEqual(['one', 'two', 'three']);
  });

  it('starts anew with a new connection, which sends its end again', () => {
    const before = logOf('one\ntwo\nthree\n');
    expect(textsOf(appendToLog(before, 'two\nthree\nfour\n', true))).toEqual(['two', 'three', 'four']);
  });

  it('keeps the last ten thousand lines, under their numbers', () => {
    const long = appendToLog(hundred, 'x\n'.repeat(10_000), false);
    expect(linesOf(long, '')).toHaveLength(10_000);
    expect(linesOf(long, '')[0]?.number).toBe(100);
  });

  it('keeps a line without an end within bounds', () => {
    const endless = logOf('x'.repeat(10_000), 'y'.repeat(10_000));
    expect(textsOf(endless).join('').length).toBeLessThan(10_000);
  });

  it('shows only the lines that hold the filter', () => {
    expect(textsOf(logOf('an Error\nfine\nerrors: 2\n'), 'error')).toEqual(['an Error', 'errors: 2']);
  });
});

describe('a place in a log', () => {
  const window = { lines: linesOf(hundred, ''), height: 10 };

  it('follows the end until somebody scrolls', () => {
    expect(firstShown(AT_END, window)).toBe(90);
    const grown = { lines: linesOf(appendToLog(hundred, 'more\n', false), ''), height: 10 };
    expect(firstShown(AT_END, grown)).toBe(91);
  });

  it('stays where it is while the log grows and old lines are dropped', () => {
    const place = scroll(AT_END, -40, window);
    expect(firstShown(place, window)).toBe(50);
    const grown = appendToLog(hundred, 'x\n'.repeat(9_920), false);
    const lines = linesOf(grown, '');
    expect(lines[firstShown(place, { lines, height: 10 })]?.text).toBe('line 50');
  });

  it('goes on following once the end is reached again', () => {
    const place = scroll(scroll(AT_END, -40, window), 1_000, window);
    expect(place.top).toBeNull();
  });

  it('stops at the first line', () => {
    expect(firstShown(scroll(AT_END, -1_000, window), window)).toBe(0);
  });
});
