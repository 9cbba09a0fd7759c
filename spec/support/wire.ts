/** A TCP connection that behaves like a bad line: everything a real one does to its users, when the spec says so. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

export type Wire = AsyncDisposable & {
  /** On the loopback; what is written here comes out at the target. */
  readonly port: number;
  /** Breaks every connection that stands. */
  cut(): void;
  /** Whether new connections are taken; refused ones are reset at once. */
  setOpen(isOpen: boolean): void;
  /** Silence: connections stand, and nothing passes in either direction until it is over. */
  setSilent(isSilent: boolean): void;
  /** From now on every piece comes this much later. */
  setLatency(ms: number): void;
  /** Bytes per second in each direction of each connection; `Infinity`: as fast as it can. */
  setRate(bytesPerSecond: number): void;
  /** Connections that were made so far. */
  readonly connections: number;
};

const PIECE = 16 << 10;

/** Lays a wire to a port of the loopback, or to a unix socket, whichever process listens there. */
export const openWire = async (target: number | string): Promise<Wire> => {
  const whereabouts = typeof target === 'string' ? { path: target } : { port: target, host: '127.0.0.1' };
  const sockets = new Set<Socket>();
  let isOpen = true;
  let latencyMs = 0;
  let rate = Number.POSITIVE_INFINITY;
  let loud = Promise.resolve();
  let endSilence = (): void => {};
  let connections = 0;

  const passing = (): Transform =>
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const pass = async (): Promise<void> => {
          if (latencyMs > 0) await delay(latencyMs);
          for (let from = 0; from < chunk.length; from += PIECE) {
            await loud;
            const piece = chunk.subarray(from, from + PIECE);
            if (Number.isFinite(rate)) await delay((piece.length / rate) * 1_000);
            this.push(piece);
          }
        };
        pass().then(() => done(), done);
      },
    });

  const server = createServer({ allowHalfOpen: true }, near => {
    if (!isOpen) {
      near.resetAndDestroy();
      return;
    }
    connections += 1;
    const far = connect({ ...whereabouts, allowHalfOpen: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      // One end that breaks takes the other along, as on a real line.
      from
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(from);
          to.destroy();
        });
      from.pipe(passing()).pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const cut = (): void => {
    for (const socket of sockets) {
      // A unix socket has no address, and knows no reset.
      if (socket.remoteAddress === undefined) socket.destroy();
      else socket.resetAndDestroy();
    }
  };

  return {
    port: (server.address() as AddressInfo).port,
    cut,
    setOpen: is => {
      isOpen = is;
    },
    setSilent: isSilent => {
      endSilence();
      if (isSilent) ({ promise: loud, resolve: endSilence } = Promise.withResolvers<void>());
    },
    setLatency: ms => {
      latencyMs = ms;
    },
    setRate: bytesPerSecond => {
      rate = bytesPerSecond;
    },
    get connections() {
      return connections;
    },
    [Symbol.asyncDispose]: async () => {
      endSilence();
      cut();
      server.close();
      await once(server, 'close');
    },
  };
};
