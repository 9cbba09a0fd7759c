import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alfredServer, type Program } from './binary.ts';
import { leftOnEngine } from './engine.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { until } from './until.ts';

/** One server on folders of its own, over as many processes as a spec likes. */
export type ServerLives = AsyncDisposable & {
  /** For `--remote`. */
  readonly remote: string;
  /** `--server-data`. */
  readonly data: string;
  /** `--node-workspace`. The server's own folder is the one above it: a relative path in `flags` is meant from there. */
  readonly workspace: string;
  /** For another process on the same folders. */
  readonly folders: readonly string[];
  /** The process that runs, or ran last. */
  pid(): number | undefined;
  /** Begins the next life; resolves when it listens. `flags` count for this life alone. */
  start(...flags: readonly string[]): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when the process is gone. */
  stop(): Promise<{ readonly exitCode: number | undefined; readonly log: string }>;
  /** Resolves when this life has logged something that matches. */
  logged(pattern: RegExp): Promise<void>;
  /** Marks what is this server's on an engine. */
  instance(): Promise<string>;
};

export type ServerLivesOptions = {
  /** In every life. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** In place of a folder beside the others. */
  readonly data?: string;
};

/** The first life has begun when it resolves. At the end of the scope the server stops, and aborts what an earlier life left running. */
export const openServer = async ({ flags = [], env = {}, data: givenData }: ServerLivesOptions = {}): Promise<ServerLives> => {
  const folder = await temporaryFolder();
  const remote = `unix:${join(folder.path, 'alfred.sock')}`;
  const data = givenData ?? join(folder.path, 'data');
  const workspace = join(folder.path, 'workspace');
  const folders = ['--listen', remote, '--server-data', data, '--node-workspace', workspace];
  const noDelays = ['--task-startup-delay', '0s', '--provisioning-delay', '0s'];

  // Not held bare: a program is a promise of its end.
  let life: { readonly program: Program; log: string; isOver: boolean } | null = null;

  const logged = (pattern: RegExp): Promise<void> =>
    until(async () => {
      if (pattern.test(life?.log ?? '')) return true;
      if (life?.isOver) throw new Error(`the server ended without saying ${pattern}: ${life.log}`);
      return false;
    });

  const start: ServerLives['start'] = async (...more) => {
    const begun = {
      program: alfredServer([...folders, ...noDelays, ...flags, ...more], { env, cwd: folder.path }),
      log: '',
      isOver: false,
    };
    begun.program.all.on('data', chunk => {
      begun.log += chunk;
    });
    void begun.program.finally(() => {
      begun.isOver = true;
    });
    life = begun;
    await logged(/"listening"/);
  };

  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    life?.program.kill(signal);
    const ended = await life?.program;
    return { exitCode: ended?.exitCode, log: life?.log ?? '' };
  };

  const instance = async (): Promise<string> => (await readFile(join(data, 'instance'), 'utf8')).trim();

  await start();
  return {
    remote,
    data,
    workspace,
    folders,
    pid: () => life?.program.pid,
    start,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    logged,
    instance,
    [Symbol.asyncDispose]: async () => {
      if (life?.isOver === false) await end('SIGTERM');
      if ((await leftOnEngine(await instance())).length > 0) {
        await start('--on-shutdown', 'abort');
        await end('SIGTERM');
      }
      await folder[Symbol.asyncDispose]();
    },
  };
};
