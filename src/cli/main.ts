#!/usr/bin/env node
/** The client's door to its process: signals, broken pipes, the cursor, the exit code. */
import { hasCode } from '../base/error-code.ts';
import { showAllCursors } from './cursor.ts';
import { realDoors } from './doors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { Interruption, type Io } from './io.ts';
import { runAlfred } from './run-alfred.ts';

const [ending, hurry] = [new AbortController(), new AbortController()];

const interrupt = (): void => {
  if (ending.signal.aborted) leaveSoon();
  else ending.abort(new Interruption('interrupted'));
};

/** Who asks twice does not wait for anything that hangs. */
const leaveSoon = (): void => {
  hurry.abort(new Interruption('interrupted'));
  setTimeout(() => process.exit(EXIT.interrupted), 2_000).unref();
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);

// Ctrl+Z: the shell gets its terminal with a cursor; the next line that is drawn hides it again.
process.on('SIGTSTP', () => {
  showAllCursors();
  process.kill(process.pid, 'SIGSTOP');
});

// The end that no `finally` sees: an error that nobody caught.
process.on('exit', showAllCursors);

let isUnwritable = false;
for (const stream of [process.stdout, process.stderr])
  stream.on('error', error => {
    // Whoever reads `| head -1` has all they want, and a terminal may be closed: neither is worth a word. A full disk is.
    ending.abort(new Interruption('outputClosed'));
    if (isUnwritable || hasCode(error, 'EPIPE', 'EIO')) return;
    isUnwritable = true;
    process.stderr.write(`alfred: the output can't be written: ${error.message}\n`);
  });

const io: Io = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  signal: ending.signal,
  hurry: hurry.signal,
};

const exitCode: ExitCode = await runAlfred(process.argv.slice(2), io, realDoors);
// The last write may fail after the command is done with it.
await new Promise(written => process.stdout.write('', written));
process.exit(isUnwritable ? EXIT.usage : exitCode);
