#!/usr/bin/env node
import { CommanderError } from 'commander';
import { startServer } from './compose.ts';
import { createLog } from './log.ts';
import { OptionsError, resolveOptions, type ServerOptions } from './options.ts';
import { stopOnSignals } from './shutdown.ts';

const fail = (message: string): never => {
  process.stderr.write(`alfred-server: ${message}\n`);
  process.exit(2);
};

const readOptions = (): ServerOptions => {
  try {
    return resolveOptions(process.argv.slice(2), process.env);
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode);
    if (error instanceof OptionsError) return fail(error.message);
    throw error;
  }
};

/** Only this machine reaches it. */
const isLoopback = (listen: string): boolean => /^(unix:|127\.|localhost:|\[::1\]:)/.test(listen);

const options = readOptions();
const log = createLog(options);
if (!isLoopback(options.listen))
  log.warn(
    { listen: options.listen },
    'anyone who reaches this address can run containers here: there is no TLS and no password',
  );

try {
  const server = await startServer(options, log, error => {
    log.error({ err: error }, 'a bug: the server stops; what it accepted is in its journal, start it again');
    process.exit(1);
  });
  stopOnSignals(server, options.onShutdown, log);
} catch (error) {
  fail((error as Error).message);
}
