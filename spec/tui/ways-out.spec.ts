/** The ways out that take the whole process along: the terminal must be given back all the same. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const PROGRAM = join(import.meta.dirname, 'support/dashboard-process.ts');

/** What a terminal hears first, and what it needs to hear last: no colours, wrapped lines, a cursor, the screen from before. */
const TAKEN_OVER = '\u001b[?1049h';
const GIVEN_BACK = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';

/** In a group of its own, which Ctrl+Z is about. No shell looks after that one, so the process goes on by itself. */
const startProcess = async (fault = 'none') => {
  const child = spawn(process.execPath, [PROGRAM, fault], { detached: true });
  let written = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, written }));
  await shows(child, () => written.includes('deploy-quiet-lynx'));
  return { child, ended, written: () => written };
};

const shows = async (child: ChildProcessWithoutNullStreams, isShown: () => boolean): Promise<void> => {
  while (!isShown()) await once(child.stdout, 'data');
};

/** A process takes its time to start on a machine that is busy. */
const PATIENCE = { timeout: 60_000 };

describe('the terminal is given back', PATIENCE, () => {
  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('on %s, and the process ends by it', async signal => {
    const { child, ended } = await startProcess();
    child.kill(signal);
    const end = await ended;
    expect(end).toMatchObject({ code: null, signal });
    expect(end.written.endsWith(GIVEN_BACK)).toBe(true);
  });

  it('when the process exits from somewhere else', async () => {
    const { child, ended } = await startProcess('exit');
    child.stdin.write('x');
    const { code, written } = await ended;
    expect(code).toBe(7);
    expect(written.endsWith(GIVEN_BACK)).toBe(true);
  });

  it('when an error is caught by nobody', async () => {
    const { child, ended } = await startProcess('throw');
    child.stdin.write('x');
    const { code, written } = await ended;
    expect(code).toBe(1);
    expect(written.endsWith(GIVEN_BACK)).toBe(true);
  });

  it('for the time that it is stopped by Ctrl+Z, in which nothing is drawn', async () => {
    const { child, ended, written } = await startProcess();
    child.stdin.write('\u001a');
    const afterwards = (): string => written().split(GIVEN_BACK)[1] ?? '';
    await shows(child, () => afterwards().includes('deploy-quiet-lynx'));
    expect(afterwards().startsWith(TAKEN_OVER)).toBe(true);
    child.stdin.write('q');
    expect((await ended).written.endsWith(GIVEN_BACK)).toBe(true);
  });

  it('when its keyboard is gone', async () => {
    const { child, ended } = await startProcess();
    child.stdin.end();
    expect((await ended).written.endsWith(GIVEN_BACK)).toBe(true);
  });
});
