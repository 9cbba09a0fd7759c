/** How a command that can't go on says so: one line that says what to do, and an exit code. */
import { ServerRefusedError, ServerUnreachableError } from '../rpc/client-port.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { Interruption } from './io.ts';

/** The command line, the jobfile or this machine is not as it must be. `message` says what is wrong and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Everything that is wrong with a jobfile; `message` shows each place. */
export class JobfileError extends Error {
  override readonly name = 'JobfileError';
}

export const exitCodeFor = (error: unknown): ExitCode => {
  if (error instanceof Interruption) return error.type === 'outputClosed' ? EXIT.ok : EXIT.interrupted;
  if (error instanceof ServerUnreachableError || error instanceof ServerRefusedError) return EXIT.server;
  return EXIT.usage;
};

/** What to print for an error, without its stack; `null` when there is nothing to say. */
export const describeError = (error: unknown): string | null => {
  if (error instanceof Interruption) return null;
  // Problems begin with the file's name, as editors and other tools expect.
  if (error instanceof JobfileError) return error.message;
  return `alfred: ${error instanceof Error ? error.message : String(error)}`;
};
