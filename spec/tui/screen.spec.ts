import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../src/tui/paint.ts';
import { fitTo, span } from '../../src/tui/row.ts';
import { openScreen, type TerminalOutput } from '../../src/tui/screen.ts';
import { openTerminal } from './support/terminal.ts';

const frameOf = (text: string): Frame => ({ size: { columns: 20, rows: 1 }, rows: [fitTo([span(text)], 20)] });

/** A line so slow that nothing arrives until the spec lets it. */
const slowOutput = () => {
  const chunks: string[] = [];
  let arrived = (): void => {};
  const arrive = (): void => {
    const done = arrived;
    arrived = () => {};
    done();
  };
  const stream = new Writable({
    highWaterMark: 1,
    decodeStrings: false,
    write: (chunk, _encoding, done) => {
      chunks.push(String(chunk));
      arrived = done;
    },
  });
  return { stream: stream as TerminalOutput, chunks, arrive };
};

describe('a terminal that is slow to take a frame', () => {
  it('gets the newest one next, and never the ones between', async () => {
    const { stream, chunks, arrive } = slowOutput();
    const screen = openScreen(openTerminal().stdin, stream, true);
    for (const text of ['one', 'two', 'three', 'seven']) screen.draw(frameOf(text));
    while (!chunks.join('').includes('seven')) {
      arrive();
      await new Promise(resolve => setImmediate(resolve));
    }
    expect(chunks.join('')).toMatch(/one.*seven/s);
    expect(chunks.join('')).not.toMatch(/two|three/);
    screen.close();
  });
});

describe('a terminal that is given back', () => {
  it('is given back once, however often that is asked for', async () => {
    const terminal = openTerminal();
    const screen = openScreen(terminal.stdin, terminal.stdout, true);
    screen.close();
    const written = terminal.bytesWritten();
    screen.close();
    screen.draw(frameOf('too late'));
    expect(await terminal.text()).not.toContain('too late');
    expect(terminal.bytesWritten()).toBe(written);
  });

  it('is no reason to crash when it is not there any more', () => {
    const terminal = openTerminal();
    const screen = openScreen(terminal.stdin, terminal.stdout, true);
    let isGone = false;
    screen.gone$.subscribe(() => {
      isGone = true;
    });
    terminal.stdin.emit('error', new Error('setRawMode EIO'));
    terminal.stdout.emit('error', new Error('write EIO'));
    expect(isGone).toBe(true);
    screen.close();
    expect(() => terminal.stdout.emit('error', new Error('write EIO'))).not.toThrow();
  });
});
