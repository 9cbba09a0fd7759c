/** Runs one command line in this process: the whole client, but for what `main.ts` has of the process itself. */
import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import type { Doors } from './context.ts';
import { describeError, exitCodeFor } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';
import { createProgram } from './program.ts';

/** `argv` is without the program's own two words. Answers the exit code; never rejects. */
export const runAlfred = async (argv: readonly string[], io: Io, doors: Doors): Promise<ExitCode> => {
  let exitCode: ExitCode = EXIT.ok;
  const onEnd = (code: ExitCode): void => {
    exitCode = code;
  };
  const program = createProgram({ argv, io, doors, onEnd });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said what is wrong already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    // Whatever fails once the command was told to end fails for that reason.
    const reason: unknown = io.signal.aborted ? io.signal.reason : error;
    const text = program.opts().verbose === true ? inspect(error) : describeError(reason);
    if (text !== null) io.stderr.write(`${text}\n`);
    return exitCodeFor(reason);
  }
};
