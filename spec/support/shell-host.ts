/**
 * A host whose commands are shells of this machine, with a connection that specs break. A `PATH` of one's own says what is installed
 * there; an owner, who logs in.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { hasCode } from '../../src/base/error-code.ts';
import { NodeGoneError, type RemoteHost, UnreachableError } from '../../src/engine/ports.ts';

export type ShellHost = RemoteHost & {
  /** Ends the commands under way as a connection that breaks does; none begins until `mend` is called. */
  cut(): void;
  mend(): void;
  /** The host does not exist any more. */
  goAway(): void;
  /** How many commands were begun. */
  readonly begun: number;
  /** Resolves when no command runs any more. */
  quiet(): Promise<void>;
};

export type ShellHostOptions = {
  /** Where a login begins. */
  readonly home: string;
  readonly path?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
};

export const shellHost = ({ home, path = process.env.PATH ?? '', user }: ShellHostOptions): ShellHost => {
  const address = 'ada@10.0.0.7';
  const running = new Set<ChildProcess>();
  let state: 'connected' | 'cut' | 'gone' = 'connected';
  let begun = 0;
  let changed = Promise.withResolvers<void>();

  const change = (next: typeof state): void => {
    state = next;
    changed.resolve();
    changed = Promise.withResolvers();
  };

  const gone = () => new NodeGoneError(`${address} is gone`);

  const reachable = async (signal?: AbortSignal): Promise<void> => {
    const aborted = Promise.withResolvers<never>();
    signal?.addEventListener('abort', () => aborted.reject(signal.reason), { once: true });
    while (state === 'cut') await Promise.race([changed.promise, aborted.promise]);
    if (state === 'gone') throw gone();
  };

  const run: RemoteHost['run'] = async (script, signal) => {
    signal.throwIfAborted();
    if (state === 'gone') throw gone();
    if (state === 'cut') throw new UnreachableError(`${address} does not answer`, reachable);
    begun += 1;
    // A group of its own: what the shell has started must end with it.
    const child = spawn('/bin/sh', ['-c', script], { cwd: home, env: { PATH: path, HOME: home }, detached: true, ...user });
    running.add(child);
    const hangUp = () => endGroup(child);
    signal.addEventListener('abort', hangUp, { once: true });
    const stderr = text(child.stderr);
    const ended = once(child, 'close').then(async ([code]) => {
      running.delete(child);
      signal.removeEventListener('abort', hangUp);
      return { code: code as number | null, stderr: await stderr };
    });
    return { stdin: child.stdin, stdout: child.stdout, ended };
  };

  const end = (next: 'cut' | 'gone'): void => {
    change(next);
    for (const child of running) endGroup(child);
  };

  return {
    address,
    run,
    dialDocker: () => Promise.reject(new Error('this host has no engine')),
    cut: () => end('cut'),
    mend: () => change('connected'),
    goAway: () => end('gone'),
    get begun() {
      return begun;
    },
    quiet: async () => {
      for (const child of running) await once(child, 'close');
    },
  };
};

const endGroup = ({ pid }: ChildProcess): void => {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It has ended, and nobody was told yet.
    if (!hasCode(error, 'ESRCH')) throw error;
  }
};
