import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { top } from '../../../src/cli/commands/top.ts';
import type { Context } from '../../../src/cli/context.ts';
import { createOutput } from '../../../src/cli/output.ts';
import { fakeServer } from '../../tui/support/fake-server.ts';
import { openTerminal } from '../../tui/support/terminal.ts';
import { fakeClient } from '../support/fake-client.ts';
import { fakeIo } from '../support/io.ts';

/** A command line on a terminal with a keyboard, and a server that one can look at. */
const onTerminal = ({ env = {}, json = false, color = true, remote = 'ci.example', isTerminal = true } = {}) => {
  const terminal = openTerminal();
  const stdout = Object.assign(terminal.stdout, { isTTY: isTerminal }) as never;
  const keyboard = Object.assign(terminal.stdin, { isTTY: isTerminal });
  const { io, interrupt } = fakeIo({ stdout, env });
  const server = fakeServer();
  let closed = 0;
  const context: Context = {
    io,
    output: createOutput(io, { json, verbose: false, color }),
    remoteOptions: { remote, sshTunneling: false, sshUsername: 'me', sshPort: 22 },
    commandLine: 'alfred top',
    doors: {
      openServer: async () => ({
        client: fakeClient({ ...server.client, watchJob: () => NEVER }),
        isLocal: false,
        close: async () => {
          closed += 1;
        },
      }),
      buildImages: () => Promise.reject(new Error('not in this spec')),
      saveImage: () => {
        throw new Error('not in this spec');
      },
      imageBytes: () => Promise.reject(new Error('not in this spec')),
    },
  };
  return { terminal, run: () => top(context, {}, keyboard), interrupt, closed: () => closed };
};

const shows = async (terminal: ReturnType<typeof openTerminal>, text: string): Promise<void> => {
  while (!(await terminal.text()).includes(text)) await new Promise(resolve => setTimeout(resolve, 10));
};

describe('alfred top', () => {
  it('shows the server that was named, until one leaves, and closes it', async () => {
    const { terminal, run, closed } = onTerminal();
    const exitCode = run();
    await shows(terminal, 'deploy-quiet-lynx');
    expect(await terminal.text()).toContain('on ci.example:25373');
    terminal.type('q');
    expect(await exitCode).toBe(0);
    expect(closed()).toBe(1);
    expect(await terminal.isAlternate()).toBe(false);
  });

  it('has colours where they are wanted', async () => {
    const { terminal, run, interrupt } = onTerminal({ color: false });
    const exitCode = run();
    await shows(terminal, 'deploy-quiet-lynx');
    expect((await terminal.cellOf('✗2')).color).toBeNull();
    interrupt();
    await expect(exitCode).rejects.toThrow('interrupted');
  });

  it.each([
    [
      'no terminal',
      { isTerminal: false },
      'top needs a terminal to draw on and to take keys from; alfred ps prints the jobs anywhere',
    ],
    [
      'a dumb terminal',
      { env: { TERM: 'dumb' } },
      'top needs a terminal to draw on and to take keys from; alfred ps prints the jobs anywhere',
    ],
    ['--json', { json: true }, 'top shows a screen, which is no data: ask alfred ps --json'],
  ])('says what to do on %s, and draws nothing', async (_name, world, message) => {
    const { terminal, run } = onTerminal(world);
    await expect(run()).rejects.toThrow(message);
    expect(terminal.bytesWritten()).toBe(0);
  });

  it('starts no server of its own', async () => {
    await expect(onTerminal({ remote: 'local' }).run()).rejects.toThrow('name one with --remote');
  });
});
