import { type AddressInfo, createServer } from 'node:net';
import { text } from 'node:stream/consumers';

/** What containers say to somebody outside of everything that a crash can touch: a line a connection, over the host's network. */
export type Ledger = AsyncDisposable & { readonly port: number; readonly lines: readonly string[] };

export const openLedger = async (): Promise<Ledger> => {
  const lines: string[] = [];
  const server = createServer({ allowHalfOpen: true }, socket => {
    // The one who wrote waits for the end: then the line is in the ledger.
    text(socket).then(
      line => {
        lines.push(line.trim());
        socket.end();
      },
      () => socket.destroy(),
    );
  });
  await new Promise<void>(resolve => server.listen(0, '0.0.0.0', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    lines,
    [Symbol.asyncDispose]: () => new Promise(resolve => server.close(() => resolve())),
  };
};

/** In busybox's shell: writes `line` into the ledger, from a container of a task. */
export const writeInLedger = (port: number, line: string): string =>
  `echo "${line}" | nc -w 10 "$(ip route | awk '/default/ { print $3 }')" ${port}`;
