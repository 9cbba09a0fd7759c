import { PassThrough } from 'node:stream';
import { of, type Subscription } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { exec } from '../../../src/cli/commands/exec.ts';
import type { Context } from '../../../src/cli/context.ts';
import { createOutput } from '../../../src/cli/output.ts';
import type { TerminalSize } from '../../../src/domain/exec.ts';
import {
  type AlfredClient,
  type CommandEnds,
  type ExecClientRequest,
  ServerRefusedError,
  ServerUnreachableError,
} from '../../../src/rpc/client-port.ts';
import { alfred } from '../support/alfred.ts';
import { fakeClient } from '../support/fake-client.ts';
import { fakeIo } from '../support/io.ts';
import { job, running } from '../support/jobs.ts';
import { openScreen } from '../support/screen.ts';

// The first command loads what commands need, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 20_000 });

const JOB = 'nightly-brave-otter';

/** A server that runs commands as the spec says. */
const server = (run: (ends: CommandEnds) => Promise<number>) => {
  const requests: ExecClientRequest[] = [];
  const client: Partial<AlfredClient> = {
    watchJob: () => of(job([running('unit')])),
    exec: (request, ends) => {
      requests.push(request);
      return run(ends);
    },
  };
  return { client, requests };
};

/** What a terminal's keyboard is to a program. */
const openKeyboard = () => {
  const modes: boolean[] = [];
  const setRawMode = (isRaw: boolean) => void modes.push(isRaw);
  return { keyboard: Object.assign(new PassThrough(), { isTTY: true, setRawMode }), modes };
};

/** `alfred exec` at a terminal. */
const atTerminal = (client: Partial<AlfredClient>, keyboard = openKeyboard()) => {
  const screen = openScreen({ columns: 100, rows: 30 });
  const { io } = fakeIo({ stdout: screen.stream });
  const close = async () => {};
  const context: Context = {
    io,
    output: createOutput(io, { json: false, verbose: false, color: false }),
    remoteOptions: { sshUsername: 'alfred-user', sshPort: 22, local: true },
    commandLine: 'alfred exec',
    doors: { openServer: async () => ({ client: fakeClient(client), isLocal: false, close }) } as unknown as Context['doors'],
  };
  return { screen, ...keyboard, exitCode: exec(context, JOB, 'unit', [], {}, keyboard.keyboard) };
};

describe('alfred exec', () => {
  it('exits as the command does, and passes its two outputs on', async () => {
    const { client, requests } = server(async ({ write }) => {
      await write({ stream: 'stdout', bytes: Buffer.from('out') });
      await write({ stream: 'stderr', bytes: Buffer.from('err') });
      return 9;
    });
    const { exitCode, stdout, stderr } = await alfred(['exec', JOB, 'unit', '--', 'ls', '-la', '--', 'x'], { client });
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 9, stdout: 'out', stderr: 'err' });
    expect(requests).toEqual([{ jobId: JOB, taskName: 'unit', command: ['ls', '-la', '--', 'x'], terminal: null }]);
  });

  it('says in one line that a step ended, and exits 3', async () => {
    const { client } = server(() => Promise.reject(new ServerRefusedError('the step that ran in unit ended', 'invalid')));
    const { exitCode, stderr } = await alfred(['exec', JOB, 'unit'], { client });
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: 'alfred: the step that ran in unit ended\n' });
  });

  it('says in one line that the connection is lost, and exits 3', async () => {
    const { client } = server(async ({ onStarted }) => {
      onStarted();
      throw new ServerUnreachableError('the server at host broke off');
    });
    const { exitCode, stderr } = await alfred(['--remote', 'host', 'exec', JOB, 'unit'], { client });
    const message = 'alfred: the connection is lost, and the command with it: the server at host broke off\n';
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: message });
  });

  it.each([
    [['exec', JOB, 'nuit'], 3, /no task nuit \(did you mean unit\?\)/],
    [['--json', 'exec', JOB, 'unit'], 2, /leave out --json/],
  ])('%j is told what is wrong', async (argv, code, words) => {
    const { client, requests } = server(async () => 0);
    const { exitCode, stderr } = await alfred(argv, { client });
    expect({ exitCode, stderr }).toEqual({ exitCode: code, stderr: expect.stringMatching(words) });
    expect(requests).toEqual([]);
  });

  it('hands the keys of a terminal over once the command runs, and takes them back at its end', async () => {
    const atStart: boolean[][] = [];
    const keys = openKeyboard();
    const { client, requests } = server(async ({ onStarted }) => {
      atStart.push([...keys.modes]);
      onStarted();
      atStart.push([...keys.modes]);
      return 0;
    });
    expect(await atTerminal(client, keys).exitCode).toBe(0);
    expect(atStart).toEqual([[], [true]]);
    expect(keys.modes).toEqual([true, false]);
    expect(requests).toMatchObject([{ command: [], terminal: { columns: 100, rows: 30 } }]);
  });

  it('gives the terminal back when the connection is lost', async () => {
    const { client } = server(async ({ onStarted }) => {
      onStarted();
      throw new ServerUnreachableError('the server broke off');
    });
    const { exitCode, modes } = atTerminal(client);
    await expect(exitCode).rejects.toThrow('the connection is lost');
    expect(modes).toEqual([true, false]);
  });

  it('tells the command whenever the window has another size', async () => {
    const sizes: TerminalSize[] = [];
    const started = Promise.withResolvers<Subscription>();
    const done = Promise.withResolvers<number>();
    const { client } = server(({ onStarted, size$ }) => {
      onStarted();
      started.resolve(size$.subscribe(size => sizes.push(size)));
      return done.promise;
    });
    const { exitCode, screen } = atTerminal(client);
    await started.promise;
    await screen.resize(132, 43);
    done.resolve(0);
    await exitCode;
    expect(sizes).toEqual([{ columns: 132, rows: 43 }]);
  });
});
