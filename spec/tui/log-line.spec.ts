import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logRow } from '../../src/tui/log-line.ts';
import { rowText } from '../../src/tui/row.ts';

const stylesOf = (line: string): readonly (readonly [string, object])[] => logRow(line).map(({ text, style }) => [text, style]);

describe('a line of a log', () => {
  it('shows the time of the person who looks, without its date', () => {
    const at = new Date(2026, 10, 23, 14, 2, 11, 250);
    expect(rowText(logRow(`${at.toISOString()} hello`))).toBe('14:02:11 hello');
  });

  it('keeps the colours of the program that wrote it', () => {
    expect(stylesOf('\u001b[1;32mok\u001b[0m done \u001b[91mbad\u001b[39m.')).toEqual([
      ['ok', { bold: true, color: 'green' }],
      [' done ', {}],
      ['bad', { color: 'red' }],
      ['.', {}],
    ]);
  });

  it('does without colours that are more than sixteen', () => {
    expect(stylesOf('\u001b[38;5;208morange \u001b[38;2;1;2;3mrgb\u001b[48;5;1m.')).toEqual([
      ['orange ', {}],
      ['rgb', {}],
      ['.', {}],
    ]);
  });

  it('shows the last state of a line that was written over', () => {
    expect(rowText(logRow('10%\r50%\r100%'))).toBe('100%');
    expect(rowText(logRow('from Windows\r'))).toBe('from Windows');
  });

  it('puts tabs where a terminal would', () => {
    expect(rowText(logRow('a\tb\tc'))).toBe('a       b       c');
  });

  it('never passes on what a terminal would act upon', () => {
    const nasty = [
      '\u001b]0;title\u0007',
      '\u001b[2J',
      '\u001b[?1049l',
      '\u001bc',
      '\u009b31m',
      '\u001b]8;;http://x\u001b\\',
      '\u001b',
      '\u0007',
      '\u001bPq',
    ];
    expect(rowText(logRow(`a${nasty.slice(0, 4).join('b')}c`))).toBe('abbbc');
    const character = fc.integer({ min: 0, max: 0x2fff }).map(code => String.fromCodePoint(code));
    const any = fc.array(fc.oneof(fc.constantFrom(...nasty), character), { maxLength: 20 });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
    fc.assert(fc.property(any, parts => !/[\u0000-\u001f\u007f-\u009f]/.test(rowText(logRow(parts.join(''))))));
  });
});
