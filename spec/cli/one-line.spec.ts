import { describe, expect, it } from 'vitest';
import { lines, oneLine } from '../../src/cli/one-line.ts';

describe('text from elsewhere', () => {
  it('becomes one line that can not steer the terminal', () => {
    expect(oneLine('pull failed:\n\u001b[2J\u001b[31mno such\u0007 image\r\n')).toBe('pull failed: no such  image');
  });

  it('keeps its lines where they are wanted', () => {
    expect(lines('a:\r\n\tb\u001b[2J\u0007\n')).toStrictEqual(['a:', '    b ', '']);
  });
});
