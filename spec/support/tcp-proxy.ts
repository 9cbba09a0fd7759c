import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A line between a client and a server, which a spec cuts. */
export type TcpProxy = AsyncDisposable & {
  /** For `--remote`. */
  readonly remote: string;
  /** Breaks off all connections; new ones are made as before. */
  cut(): void;
  /** Breaks off all connections, and every new one, until `mend`. */
  block(): void;
  mend(): void;
};

/** Passes connections on to a server's unix socket, whichever process listens there. */
export const openProxy = async (socketPath: string): Promise<TcpProxy> => {
  const open = new Set<Socket>();
  let isBlocked = false;
  const server = createServer(near => {
    if (isBlocked) {
      near.destroy();
      return;
    }
    const far = connect(socketPath);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    remote: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    block: () => {
      isBlocked = true;
      cut();
    },
    mend: () => {
      isBlocked = false;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
};
