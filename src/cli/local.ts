/**
 * A server inside the command: the same code as `alfred-server`, on a socket that only this user can open, with its files in a
 * private folder. Nothing of it remains when it is closed.
 */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../base/log.ts';
import { connectClient } from '../rpc/client.ts';
import { startServer } from '../server/compose.ts';
import { createLog } from '../server/log.ts';
import { resolveOptions } from '../server/options.ts';
import type { Context, OpenServer } from './context.ts';

export const startLocalServer = async ({ io, output }: Context): Promise<OpenServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'alfred-local-'));
  // Also when the process ends on the spot: at the second Ctrl+C, or by a bug.
  const removeAtExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  const removeFolder = async (): Promise<void> => {
    process.off('exit', removeAtExit);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    // Flags outrank the environment: what ALFRED_MAX_NODES and its kin say counts here too, but not where the server listens.
    const options = resolveOptions(
      [
        ['--listen', `unix:${join(folder, 'grpc.sock')}`],
        ['--server-data', join(folder, 'server-data')],
        ['--node-workspace', join(folder, 'node-workspace')],
        ['--on-shutdown', 'abort'],
        ['--log-format', 'text'],
      ].flat(),
      io.env,
    );
    const server = await startServer(options, output.verbose ? createLog(options) : silentLog, crash);
    const client = connectClient({ address: server.address, name: 'the server inside this command' });
    const close = async (): Promise<void> => {
      await client.close();
      await Promise.race([server.stop('abort'), aborted(io.hurry)]);
      await removeFolder();
    };
    return { client, isLocal: true, remote: server.address, close };
  } catch (error) {
    await removeFolder();
    throw error;
  }
};

/** What goes wrong with a job shows in the job; the server's own log is for who asks for it with -v. */
const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** After a bug in the server nothing that it says can be trusted. Thrown outside any promise, so that nobody can catch it. */
const crash = (error: unknown): void => {
  setImmediate(() => {
    throw error;
  });
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
