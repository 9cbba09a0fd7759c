import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogFrame } from '../../src/docker/log-frames.ts';
import { createLineJoiner } from '../../src/docker/log-lines.ts';

const PIECE = 16 * 1024;

const at = (seconds: number): string => `2026-01-01T00:00:${String(seconds).padStart(2, '0')}.000000000Z`;

const out = (seconds: number, text: string): LogFrame => ({ stream: 'stdout', bytes: Buffer.from(`${at(seconds)} ${text}`) });
const err = (seconds: number, text: string): LogFrame => ({ stream: 'stderr', bytes: Buffer.from(`${at(seconds)} ${text}`) });

const x = (count: number): string => 'x'.repeat(count);

const joined = (frames: readonly LogFrame[], finalNewlineIsLost = false): string => {
  const joiner = createLineJoiner({ finalNewlineIsLost });
  return Buffer.concat([...frames.flatMap(frame => joiner.push(frame)), ...joiner.end()]).toString();
};

describe('the lines of a log', () => {
  it('are as the engine sends them', () => {
    expect(joined([out(1, 'one\n'), err(2, '\n'), out(3, 'three')])).toBe(`${at(1)} one\n${at(2)} \n${at(3)} three`);
  });

  it('have one timestamp each, in however many pieces they come', () => {
    const frames = [out(1, x(PIECE)), out(1, x(PIECE)), out(1, 'end\n'), out(2, 'next\n')];
    expect(joined(frames)).toBe(`${at(1)} ${x(2 * PIECE)}end\n${at(2)} next\n`);
  });

  it('are not cut in two by a line of the other stream', () => {
    const frames = [out(1, x(PIECE)), err(2, 'oops\n'), out(1, 'end\n'), err(3, 'again\n')];
    expect(joined(frames)).toBe(`${at(1)} ${x(PIECE)}end\n${at(2)} oops\n${at(3)} again\n`);
  });

  it('wait for each other when both streams have long ones', () => {
    const frames = [out(1, x(PIECE)), err(2, x(PIECE)), out(1, 'a\n'), err(2, 'b\n')];
    expect(joined(frames)).toBe(`${at(1)} ${x(PIECE)}a\n${at(2)} ${x(PIECE)}b\n`);
  });

  it('are cut after all when the other stream would have to wait for too much', () => {
    const many = Array.from({ length: 80 }, () => err(2, `${x(PIECE - 1)}\n`));
    const text = joined([out(1, x(PIECE)), ...many, out(1, 'end\n')]);
    expect(text.startsWith(`${at(1)} ${x(PIECE)}\n${at(2)} x`)).toBe(true);
    expect(text.endsWith(`x\n${at(1)} end\n`)).toBe(true);
  });

  it('end where their stream ended, though the other goes on', () => {
    expect(joined([out(1, 'no newline'), err(2, 'goes on\n')])).toBe(`${at(1)} no newline\n${at(2)} goes on\n`);
  });

  it('are whole when an engine lost the newline of a long one, as the next timestamp tells', () => {
    expect(joined([out(1, x(PIECE)), out(1, 'end'), out(2, 'next\n')])).toBe(`${at(1)} ${x(PIECE)}end\n${at(2)} next\n`);
  });

  it('are whole at the very end only on engines that are known to lose newlines', () => {
    const frames = [out(1, x(PIECE)), out(1, 'end')];
    expect(joined(frames, true)).toBe(`${at(1)} ${x(PIECE)}end\n`);
    expect(joined(frames, false)).toBe(`${at(1)} ${x(PIECE)}end`);
    expect(joined([out(1, 'short')], true)).toBe(`${at(1)} short`);
  });

  it('give back what each stream printed, however the two came in', () => {
    const text = fc.array(
      fc.oneof(
        fc.string({ maxLength: 9 }).map(line => line.replaceAll('\n', '')),
        fc.constant(x(PIECE + 7)),
      ),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(text, text, fc.infiniteStream(fc.boolean()), (outLines, errLines, turns) => {
        const waiting = { stdout: framesOf('stdout', outLines), stderr: framesOf('stderr', errLines) };
        const frames: LogFrame[] = [];
        while (waiting.stdout.length + waiting.stderr.length > 0) {
          const first = turns.next().value ? waiting.stdout : waiting.stderr;
          const frame = first.shift() ?? waiting.stdout.shift() ?? waiting.stderr.shift();
          if (frame !== undefined) frames.push(frame);
        }
        const lines = joined(frames).split('\n');
        for (const [stream, expected] of [
          ['o', outLines],
          ['e', errLines],
        ] as const)
          expect(lines.filter(line => line.includes(`Z ${stream}:`)).map(line => line.slice(line.indexOf('Z ') + 4))).toEqual(
            expected,
          );
      }),
    );
  });
});

/** What the engine makes of lines: pieces with the line's own timestamp, the last one with the newline. */
const framesOf = (stream: LogFrame['stream'], lines: readonly string[]): LogFrame[] =>
  lines.flatMap((line, index) => {
    const text = `${stream === 'stdout' ? 'o' : 'e'}:${line}\n`;
    const frame = stream === 'stdout' ? out : err;
    const pieces = Array.from({ length: Math.ceil(text.length / PIECE) }, (_, piece) =>
      text.slice(piece * PIECE, (piece + 1) * PIECE),
    );
    return pieces.map(piece => frame(index, piece));
  });
