/** The built programs, each a process of its own that a user could have started. */
import { join } from 'node:path';
import { execa } from 'execa';
import { temporaryFolder } from './temporary-folder.ts';

export const BIN = join(import.meta.dirname, '../../bin');

/** What the machine's user has set must not reach the programs under test. */
const withoutOwnVariables = Object.fromEntries(
  Object.keys(process.env)
    .filter(key => key.startsWith('ALFRED_'))
    .map(key => [key, undefined]),
);

type Surroundings = { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> };

const start = (program: string, args: readonly string[], { cwd = process.cwd(), env }: Surroundings) =>
  execa(join(BIN, program), args, {
    cwd,
    all: true,
    reject: false,
    stdin: 'ignore',
    env: { ...withoutOwnVariables, ...env },
    // What is told to stop cleans up first, and may take its time on a busy engine.
    forceKillAfterDelay: 60_000,
  });

/** Awaited, gives `exitCode`, `stdout` and `stderr`, whatever they are. */
export type Program = ReturnType<typeof start>;

export const alfred = (args: readonly string[], surroundings: Surroundings = {}): Program => start('alfred', args, surroundings);

/** Without any flag of its own. */
export const alfredServer = (args: readonly string[], surroundings: Surroundings = {}): Program =>
  start('alfred-server', args, surroundings);

/** Resolves once the program has written something that matches, to either stream; rejects when it ends without. */
export const said = (program: Program, pattern: RegExp): Promise<void> =>
  new Promise((resolve, reject) => {
    let told = '';
    program.all.on('data', chunk => {
      told += chunk;
      if (pattern.test(told)) resolve();
    });
    program.then(({ all }) => reject(new Error(`ended without saying ${pattern}: ${all}`)), reject);
  });

export type TestServer = AsyncDisposable & {
  /** For `--remote`. */
  readonly remote: string;
  /** `--server-data` of this server. */
  readonly data: string;
  readonly workspace: string;
  readonly process: Program;
  /** Asks it to stop, and waits until it has. Once it has stopped, says again how it ended. */
  stop(): Promise<{ readonly exitCode: number | undefined; readonly log: string }>;
};

/** A server on a socket and folders of its own. Stops gracefully, and takes its folders along, at the end of the scope. */
export const startServer = async (...flags: readonly string[]): Promise<TestServer> => {
  const folder = await temporaryFolder();
  const remote = `unix:${join(folder.path, 'alfred.sock')}`;
  const data = join(folder.path, 'data');
  const workspace = join(folder.path, 'workspace');
  const server = alfredServer(['--listen', remote, '--server-data', data, '--node-workspace', workspace, ...flags]);
  const stop: TestServer['stop'] = async () => {
    server.kill('SIGTERM');
    const { exitCode, stderr } = await server;
    return { exitCode, log: stderr };
  };
  await said(server, /"listening"/);
  return {
    remote,
    data,
    workspace,
    process: server,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await folder[Symbol.asyncDispose]();
    },
  };
};
