import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AT_TOP, type Cursor, move, moveToEnd, place } from '../../src/tui/cursor.ts';

const letters = (text: string): readonly string[] => [...text];

const keysOf = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 2 }), { maxLength: 40 });
const heights = fc.integer({ min: 1, max: 12 });
const steps = fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 8 });

const moved = (moves: readonly number[], keys: readonly string[], height: number): Cursor =>
  moves.reduce((cursor, by) => move(cursor, by, { keys, height }), AT_TOP);

describe('the chosen item of a list', () => {
  it('is the first one until somebody moves, whichever comes first then', () => {
    expect(place(AT_TOP, { keys: letters('abc'), height: 2 })).toEqual({ index: 0, top: 0 });
    expect(place(AT_TOP, { keys: letters('zabc'), height: 2 })).toEqual({ index: 0, top: 0 });
  });

  it('stays chosen, and on its line of the screen, when others come before it', () => {
    const chosenC = move(AT_TOP, 2, { keys: letters('abcdef'), height: 3 });
    expect(place(chosenC, { keys: letters('abcdef'), height: 3 })).toEqual({ index: 2, top: 0 });
    expect(place(chosenC, { keys: letters('zyabcdef'), height: 3 })).toEqual({ index: 4, top: 2 });
  });

  it('hands over to what has taken its place when it is gone', () => {
    const chosenC = move(AT_TOP, 2, { keys: letters('abcdef'), height: 3 });
    expect(place(chosenC, { keys: letters('abdef'), height: 3 }).index).toBe(2);
    expect(place(chosenC, { keys: letters('a'), height: 3 }).index).toBe(0);
    expect(place(chosenC, { keys: [], height: 3 }).index).toBe(-1);
  });

  it('is chosen again when it comes back', () => {
    const chosenC = move(AT_TOP, 2, { keys: letters('abcdef'), height: 3 });
    expect(place(chosenC, { keys: letters('xc'), height: 3 }).index).toBe(1);
  });

  it('stops at both ends', () => {
    const list = { keys: letters('abc'), height: 2 };
    expect(place(move(AT_TOP, -1, list), list)).toEqual({ index: 0, top: 0 });
    expect(place(moveToEnd(AT_TOP, list), list)).toEqual({ index: 2, top: 1 });
    expect(place(move(moveToEnd(AT_TOP, list), 5, list), list)).toEqual({ index: 2, top: 1 });
  });

  it('is always on the screen, and the screen full as long as there are items', () => {
    fc.assert(
      fc.property(keysOf, keysOf, heights, heights, steps, (before, now, oldHeight, height, moves) => {
        const { index, top } = place(moved(moves, before, oldHeight), { keys: now, height });
        if (now.length === 0) return index === -1 && top === 0;
        const isShown = index >= top && index < top + height;
        const isFull = top === 0 || top + height <= now.length;
        return isShown && isFull;
      }),
    );
  });

  it('stays chosen whatever else comes and goes', () => {
    fc.assert(
      fc.property(keysOf, fc.array(fc.boolean()), heights, steps, (before, stay, height, moves) => {
        const cursor = moved([0, ...moves], before, height);
        const now = before.filter((key, index) => key === cursor.key || (stay[index] ?? true));
        return now.length === 0 || now[place(cursor, { keys: now, height }).index] === cursor.key;
      }),
    );
  });
});
