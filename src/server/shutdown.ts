import type { Log } from '../base/log.ts';
import type { RunningServer } from './compose.ts';
import type { ServerOptions } from './options.ts';

/** Ctrl+C and SIGTERM: the first stops the server gracefully and exits 0, the second exits at once with 1. */
export const stopOnSignals = (server: RunningServer, onShutdown: ServerOptions['onShutdown'], log: Log): void => {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) {
      log.warn({ signal }, 'leaving at once: what is under way is left to the next server');
      process.exit(1);
    }
    stopping = true;
    server.stop(onShutdown).then(
      () => process.exit(0),
      error => {
        log.error({ err: error }, 'the server could not stop as it should');
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
};
