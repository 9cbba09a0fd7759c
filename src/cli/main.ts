#!/usr/bin/env node
/** The client's door to its process: signals, a broken pipe, the cursor, the exit code. */
import { showAllCursors } from './cursor.ts';
import { realDoors } from './doors.ts';
import { Interruption } from './io.ts';
import { runAlfred } from './run-alfred.ts';

const [ending, hurry] = [new AbortController(), new AbortController()];

const interrupt = (): void => (ending.signal.aborted ? hurry : ending).abort(new Interruption('interrupted'));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);

// `| head -1` has all it wanted; the terminal of a stream may be gone altogether. Neither is worth a word.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => ending.abort(new Interruption('outputClosed')));

// Ends that no `finally` sees: errors that nobody caught, and being stopped with Ctrl+Z.
process.on('exit', showAllCursors);

process.exit(
  await runAlfred(
    process.argv.slice(2),
    {
      stdout: process.stdout,
      stderr: process.stderr,
      env: process.env,
      cwd: process.cwd(),
      signal: ending.signal,
      hurry: hurry.signal,
    },
    realDoors,
  ),
);
