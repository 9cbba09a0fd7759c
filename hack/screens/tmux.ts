/** A terminal that a script can type into and look at: one window of a tmux server of its own, without anybody's settings. */
import { setTimeout as after } from 'node:timers/promises';
import { execa } from 'execa';
import type { Size } from './svg.ts';

export type Pane = AsyncDisposable & {
  /** As tmux calls keys, one by one. */
  type(...keys: readonly string[]): Promise<void>;
  /** Types a line, and Enter. */
  enter(line: string): Promise<void>;
  /** Resolves when the screen matches. */
  shows(pattern: RegExp): Promise<void>;
  /** What is on the screen, with its escape codes or without. */
  capture(how: 'plain' | 'coloured'): Promise<string>;
};

/** Takes a picture of what a pane shows now. */
export type Photograph = (pane: Pane, name: string) => Promise<void>;

const GIVE_UP_MS = 180_000;

let panes = 0;

/** `command` runs in a shell; the pane ends with it. */
export const openPane = async (
  { columns, rows }: Size,
  command: string,
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Pane> => {
  panes += 1;
  const server = `alfred-screens-${process.pid}-${panes}`;
  const tmux = (...args: readonly string[]) => execa('tmux', ['-L', server, '-f', '/dev/null', ...args], { env });
  const size = ['-x', `${columns}`, '-y', `${rows}`];
  await tmux('new-session', '-d', ...size, '-c', cwd, command, ';', 'set', '-g', 'status', 'off');

  const capture: Pane['capture'] = async how =>
    (await tmux('capture-pane', '-p', ...(how === 'coloured' ? ['-e', '-N'] : []))).stdout;
  return {
    // Slowly: an Escape followed by another key at once would be taken for Alt.
    type: async (...keys) => {
      for (const key of keys) {
        await tmux('send-keys', key);
        await after(700);
      }
    },
    enter: async line => void (await tmux('send-keys', line, 'Enter')),
    shows: async pattern => {
      const giveUpAt = Date.now() + GIVE_UP_MS;
      while (!pattern.test(await capture('plain'))) {
        if (Date.now() > giveUpAt) throw new Error(`${pattern} does not come up; there is:\n${await capture('plain')}`);
        await after(50);
      }
    },
    capture,
    [Symbol.asyncDispose]: async () => void (await tmux('kill-server')),
  };
};
