#!/usr/bin/env node
import { CommanderError } from 'commander';
import { startServer } from './compose.ts';
import { collectGarbage } from './gc.ts';
import { createLog } from './log.ts';
import { OptionsError, resolveCommand, type ServerCommand, type ServerOptions } from './options.ts';
import { stopOnSignals } from './shutdown.ts';

const note = (line: string): void => {
  process.stderr.write(`alfred-server: ${line}\n`);
};

const fail = (message: string): never => {
  note(message);
  process.exit(2);
};

const readCommand = (): ServerCommand => {
  try {
    return resolveCommand(process.argv.slice(2), process.env);
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode);
    if (error instanceof OptionsError) return fail(error.message);
    throw error;
  }
};

/** Only this machine reaches it. */
const isLoopback = (listen: string): boolean => /^(unix:|127\.|localhost:|\[::1\]:)/.test(listen);

const serve = async (options: ServerOptions): Promise<void> => {
  const log = createLog(options);
  if (!isLoopback(options.listen))
    log.warn(
      { listen: options.listen },
      'anyone who reaches this address can run containers here: there is no TLS and no password',
    );
  const server = await startServer(options, log, error => {
    log.error({ err: error }, 'a bug: the server stops; what it accepted is in its journal, start it again');
    process.exit(1);
  });
  stopOnSignals(server, options.onShutdown, log);
};

const gc = async (options: ServerOptions, dryRun: boolean): Promise<void> => {
  const print = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  const failures = await collectGarbage({ options, dryRun, log: createLog(options), print, note });
  process.exitCode = failures === 0 ? 0 : 1;
};

const command = readCommand();
try {
  if (command.type === 'gc') await gc(command.options, command.dryRun);
  else await serve(command.options);
} catch (error) {
  fail((error as Error).message);
}
