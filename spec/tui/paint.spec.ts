import xterm from '@xterm/headless';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frame, paint } from '../../src/tui/paint.ts';
import { fitTo, type Row, span } from '../../src/tui/row.ts';
import type { Style } from '../../src/tui/style.ts';

const SIZE = { columns: 20, rows: 4 };

const frame = (...rows: readonly Row[]): Frame => ({
  size: SIZE,
  rows: Array.from({ length: SIZE.rows }, (_, index) => fitTo(rows[index] ?? [], SIZE.columns)),
});

const styles: fc.Arbitrary<Style> = fc.constantFrom<Style>(
  {},
  {},
  { color: 'red' },
  { bold: true, color: 'brightCyan' },
  { inverse: true },
  { dim: true },
);
const texts = fc.string({ unit: fc.constantFrom('a', 'b', ' ', ' ', '━', '家', '語', '🎉', '⚙️', '👨‍👩‍👧', 'é'), maxLength: 9 });
const rows: fc.Arbitrary<Row> = fc.array(
  fc.tuple(texts, styles).map(([text, style]) => span(text, style)),
  { maxLength: 3 },
);
const frames = fc.tuple(rows, rows, rows, rows).map(all => frame(...all));

const terminal = new xterm.Terminal({ cols: SIZE.columns, rows: SIZE.rows, allowProposedApi: true });

/** Every cell of a fresh screen after these writes. */
const cellsAfter = async (...writes: readonly string[]): Promise<readonly string[]> => {
  terminal.reset();
  await new Promise<void>(resolve => terminal.write(`\u001b[?7l${writes.join('')}`, resolve));
  return Array.from({ length: SIZE.rows * SIZE.columns }, (_, index) => {
    const cell = terminal.buffer.active.getLine(Math.floor(index / SIZE.columns))?.getCell(index % SIZE.columns);
    if (cell === undefined) throw new RangeError(`no cell ${index}`);
    return `${cell.getChars() || (cell.getWidth() === 0 ? '' : ' ')} ${cell.getFgColor()} ${cell.isBold()}${cell.isDim()}${cell.isInverse()}`;
  });
};

describe('painting', () => {
  it('writes nothing when nothing differs', () => {
    const one = frame([span('Alfred')], [span('家', { color: 'red' })]);
    expect(paint(one, frame([span('Alfred')], [span('家', { color: 'red' })]), true)).toBe('');
  });

  it('writes little more than what differs', () => {
    const before = frame([span('elapsed 1m12s')], [span('all the rest')]);
    const after = frame([span('elapsed 1m13s')], [span('all the rest')]);
    expect(paint(before, after, true)).toBe('\u001b[?2026h\u001b[1;12H\u001b[0m3\u001b[0m\u001b[?2026l');
  });

  it('draws all of it when the size has changed', () => {
    const before: Frame = { size: { columns: 10, rows: 4 }, rows: frame().rows };
    expect(paint(before, frame([span('Alfred')]), true)).toContain('\u001b[2J');
  });

  it('shows the same screen whether it was drawn in steps or at once', async () => {
    await fc.assert(
      fc.asyncProperty(frames, frames, frames, async (first, second, third) => {
        const inSteps = await cellsAfter(paint(null, first, true), paint(first, second, true), paint(second, third, true));
        expect(inSteps).toEqual(await cellsAfter(paint(null, third, true)));
      }),
      { numRuns: 100 },
    );
  });

  it('does not let a glyph of doubtful width move the rest of its row', async () => {
    // This terminal takes the gear for one column, Alfred for two.
    const drawn = await cellsAfter(paint(null, frame([span('⚙️ok')]), true));
    expect(drawn.slice(2, 4)).toEqual(['o -1 000', 'k -1 000']);
  });

  it('says it without colours where colours are not wanted', () => {
    const painted = paint(null, frame([span('failed', { color: 'red', bold: true })]), false);
    expect(painted).toContain('\u001b[0;1mfailed');
    expect(painted).not.toContain('31m');
  });
});
