import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogCursor } from '../../src/docker/log-cursor.ts';

const SECOND = 1_000_000_000;
const START = Date.UTC(2026, 0, 1) / 1_000;

/** Nanoseconds after the start, as the engine writes it. */
const timestamp = (nanoseconds: number): string => {
  const seconds = Math.floor(nanoseconds / SECOND);
  const decimals = String(nanoseconds % SECOND).padStart(9, '0');
  return new Date((START + seconds) * 1_000).toISOString().replace('.000Z', `.${decimals}Z`);
};

/** What the engine gives of a log since a time. */
const since = (log: readonly number[], from: string | null): readonly number[] => {
  if (from === null) return log;
  const [seconds = '', decimals = ''] = from.split('.');
  const first = (Number(seconds) - START) * SECOND + Number(decimals);
  return log.filter(at => at >= first);
};

describe('a reader of a log', () => {
  it('goes on behind the last frame that it read, and misses none that comes a little late', () => {
    const log = fc.array(fc.record({ step: fc.nat(4 * SECOND), late: fc.nat(2 * SECOND) }), { maxLength: 60 }).map(frames => {
      let now = 3 * SECOND;
      return frames.map(({ step, late }) => {
        now += step;
        return now - late;
      });
    });
    fc.assert(
      fc.property(log, fc.array(fc.nat(20), { maxLength: 8 }), (frames, reads) => {
        const cursor = createLogCursor();
        const read: number[] = [];
        for (const count of [...reads, frames.length]) {
          const { since: from, skip } = cursor.resume();
          const fresh = since(frames, from).slice(skip, skip + count);
          for (const at of fresh) cursor.pass(timestamp(at));
          read.push(...fresh);
        }
        expect(read).toEqual(frames);
      }),
    );
  });

  it('does not read a long log again from its beginning', () => {
    const cursor = createLogCursor();
    for (let second = 0; second < 3_600; second += 1) cursor.pass(timestamp(second * SECOND));
    const { since: from, skip } = cursor.resume();
    expect(Number(from)).toBeGreaterThan(START + 3_600 - 30);
    expect(skip).toBeLessThan(30);
  });

  it('knows timestamps of any zone', () => {
    const cursor = createLogCursor();
    for (let second = 10; second < 50; second += 1) cursor.pass(`2026-01-01T01:00:${second}.000000001+01:00`);
    const { since: from } = cursor.resume();
    expect(from).toMatch(new RegExp(`^${START + 32}\\.`));
  });
});
