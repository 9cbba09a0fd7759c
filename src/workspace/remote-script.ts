/** Shell scripts on another machine: how they are written, and how they end. They need a POSIX shell, GNU tar and GNU find. */
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { shellQuote } from '../base/shell-quote.ts';
import { type RemoteCommand, type RemoteHost, UnreachableError } from '../engine/ports.ts';

/** A task's folder: that of its name in the root, which is relative to the login's home where it is relative. */
export type PlaceOnNode = { readonly root: string; readonly task: string };

/** From a broken connection to the next try. One that is not made again by then has an {@link UnreachableError} of its own. */
const PAUSE_MS = 1_000;

const LONGEST_COMPLAINT = 500;

/** What every script begins with. `enter` goes into a folder by its name, never by a link that a container put in its place. */
const PRELUDE = `
export LC_ALL=C
unset CDPATH TAR_OPTIONS
fail() { echo "$1" >&2; exit 1; }
enter() { up=$(pwd -P) && cd "./$1" 2>/dev/null && [ "$(pwd -P)" = "\${up%/}/$1" ]; }
`;

/** The path as one word; never an option. */
export const quotedPath = (path: string): string => shellQuote(path.startsWith('/') ? path : `./${path}`);

/**
 * A script that goes on as root where the login is root or may become it unasked: what containers leave is their root's, who is the
 * machine's root. Elsewhere it goes on as whoever it is. `script` begins in the folder where this one stands.
 */
export const asRoot = (script: string): string => `
if [ "$(id -u)" -ne 0 ] && sudo -n true 2>/dev/null; then as='sudo -n'; else as=; fi
exec $as sh -c ${shellQuote(PRELUDE + script)}
`;

export const startScript = (host: RemoteHost, script: string, signal: AbortSignal): Promise<RemoteCommand> =>
  host.run(PRELUDE + script, signal);

/** Resolves when the command has ended well; rejects with what it complained of, or with {@link UnreachableError}. Its output is read. */
export const endOf = async (host: RemoteHost, command: RemoteCommand, signal: AbortSignal): Promise<void> => {
  const { code, stderr } = await command.ended;
  if (code === 0) return;
  signal.throwIfAborted();
  if (code === null) throw brokenOff(host);
  const complaint = stderr.trim().slice(0, LONGEST_COMPLAINT).replaceAll('\n', '; ');
  throw new Error(`${host.address}: ${complaint || `a command ended with code ${code}`}`);
};

/** Runs a script that may run twice: it is begun anew for as long as the node can't be reached. What it printed. */
export const runScript = async (host: RemoteHost, script: string, signal: AbortSignal): Promise<string> => {
  for (;;) {
    try {
      const command = await startScript(host, script, signal);
      const output = await buffer(command.stdout);
      await endOf(host, command, signal);
      return output.toString();
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      await error.reachable(signal);
    }
  }
};

const brokenOff = (host: RemoteHost): UnreachableError =>
  new UnreachableError(`the connection to ${host.address} broke`, signal => delay(PAUSE_MS, undefined, signal && { signal }));
