import { describe, expect, it } from 'vitest';
import { createOutput } from '../../src/cli/output.ts';
import { fakeIo } from './support/io.ts';
import { openScreen } from './support/screen.ts';

const usual = { json: false, verbose: false, color: true };

/** Output of a command whose stderr is a terminal. */
const onTerminal = ({ options = {}, env = {}, stdout = openScreen().stream } = {}) => {
  const { io } = fakeIo({ stderr: openScreen().stream, stdout, env });
  return createOutput(io, { ...usual, ...options });
};

const isColored = ({ notePen }: ReturnType<typeof createOutput>): boolean => notePen.paint('red', 'x') !== 'x';

describe('output', () => {
  it('is redrawn in place on a terminal, and coloured', () => {
    const output = onTerminal();
    expect([output.isLive, isColored(output)]).toStrictEqual([true, true]);
  });

  it.each([
    ['NO_COLOR', { env: { NO_COLOR: '1' } }],
    ['--no-color', { options: { color: false } }],
  ])('has no colours with %s, and is redrawn all the same', (_title, changes) => {
    const output = onTerminal(changes);
    expect([output.isLive, isColored(output)]).toStrictEqual([true, false]);
  });

  it('has neither on a dumb terminal', () => {
    const output = onTerminal({ env: { TERM: 'dumb' } });
    expect([output.isLive, isColored(output)]).toStrictEqual([false, false]);
  });

  it('has neither in a pipe', () => {
    const output = createOutput(fakeIo().io, usual);
    expect([output.isLive, isColored(output)]).toStrictEqual([false, false]);
  });

  it.each([
    ['with -v, which prints in between', { options: { verbose: true } }],
    ['with documents on the same terminal', { options: { json: true } }],
  ])('is not redrawn %s', (_title, changes) => expect(onTerminal(changes).isLive).toBe(false));

  it('is redrawn while documents go elsewhere', () => {
    expect(onTerminal({ options: { json: true }, stdout: fakeIo().io.stdout }).isLive).toBe(true);
  });
});
