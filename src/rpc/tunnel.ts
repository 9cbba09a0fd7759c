/**
 * The way to a server on a remote machine: a private unix socket here, whose connections go through `ssh` to the server's port
 * on the remote's loopback. gRPC dials the socket and knows nothing of ssh.
 */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectSsh, type SshConnection, type SshTarget } from './ssh.ts';

export type TunnelOptions = Omit<SshTarget, 'knownHosts'> & {
  /** The only host key to trust, as `ssh-keyscan` and the remote's `.pub` files have it: `ssh-ed25519 AAAA…`. */
  readonly hostKey?: string;
  /** Ends the attempt, and the tunnel once it is open. */
  readonly signal: AbortSignal;
};

export type Tunnel = {
  /** What to dial: `unix:PATH`. */
  readonly address: string;
  /** Why the last connection failed, on one line; `null` while all is well. */
  trouble(): string | null;
  /** Ends all connections; leaves nothing behind. */
  close(): Promise<void>;
};

/** No tunnel; `message` says why, in ssh's own words. */
export class TunnelError extends Error {
  override readonly name = 'TunnelError';
}

/**
 * Opens a tunnel. Resolves once ssh has got in, so that what it has to say comes before anything that gRPC would. Rejects with
 * {@link TunnelError}, or with the signal's reason.
 */
export const openTunnel = async ({ hostKey, signal, ...destination }: TunnelOptions): Promise<Tunnel> => {
  signal.throwIfAborted();
  const undo = new AsyncDisposableStack();
  try {
    const folder = undo.use(await privateFolder());
    const knownHosts = hostKey === undefined ? null : await trustOnly(hostKey, folder.path);
    const remote = undo.adopt(await reach({ ...destination, knownHosts }, signal), ({ end }) => end());
    const path = join(folder.path, 'grpc.sock');
    undo.adopt(await listenOn(path, remote.carry), near => void near.close());
    return { address: `unix:${path}`, trouble: remote.trouble, close: () => undo.disposeAsync() };
  } catch (error) {
    await undo.disposeAsync();
    signal.throwIfAborted();
    throw error;
  }
};

type Remote = {
  /** Joins a socket to the server's port until either end closes. Never throws. */
  carry(socket: Socket): void;
  trouble(): string | null;
  /** Resolves when no ssh is left. */
  end(): Promise<void>;
};

/** Gets in. The first connection is made before there is a socket for it; each later socket (gRPC connects again) makes its own. */
const reach = async (target: SshTarget, signal: AbortSignal): Promise<Remote> => {
  const closing = new AbortController();
  const until = AbortSignal.any([signal, closing.signal]);
  const running = new Set<Promise<unknown>>();
  let trouble: string | null = null;

  const first = await connectSsh(target, null, until).catch((error: Error) => {
    throw new TunnelError(quote(error.message, target), { cause: error });
  });
  let spare: SshConnection | null = first.connection;
  running.add(spare.ended);

  const take = async (): Promise<SshConnection> => {
    const taken = spare;
    spare = null;
    return taken ?? (await connectSsh(target, first.route, until)).connection;
  };
  const attempt = async (socket: Socket): Promise<void> => {
    // A broken socket closes as well, and that is all there is to do.
    socket.on('error', () => undefined);
    try {
      const connection = await take();
      connection.stdout.once('data', () => {
        trouble = null;
      });
      const words = await carried(socket, connection);
      if (words !== null) trouble = diagnosis(words, target);
      socket.end();
    } catch (error) {
      trouble = quote(error instanceof Error ? error.message : String(error), target);
      socket.destroy();
    }
  };

  return {
    carry: socket => {
      const attempted = attempt(socket).finally(() => running.delete(attempted));
      running.add(attempted);
    },
    trouble: () => trouble,
    end: async () => {
      closing.abort();
      await Promise.all(running);
    },
  };
};

/** Joins both until they are over; returns what ssh had to say, `null` for nothing. */
const carried = (socket: Socket, connection: SshConnection): Promise<string | null> => {
  socket.once('close', connection.end);
  if (socket.destroyed) connection.end();
  socket.pipe(connection.stdin);
  // The socket is ended once ssh's last words are known: gRPC's error comes at once, and asks for them.
  connection.stdout.pipe(socket, { end: false });
  return connection.ended;
};

const quote = (words: string, { host, username }: SshTarget): string => `ssh ${username}@${host}: ${words}`;

/** What ended a connection that ssh had made: most often that there is no server at its far end. */
const diagnosis = (words: string, target: SshTarget): string =>
  /connect.*refused/i.test(words)
    ? `nothing listens on port ${target.port} of ${target.host}; is alfred-server running there? (${words})`
    : quote(words, target);

const listenOn = async (path: string, carry: (socket: Socket) => void): Promise<Server> => {
  const server = createServer(carry);
  server.listen(path);
  await once(server, 'listening');
  return server;
};

/** For this user's eyes only; removed even when the process exits with the tunnel open. */
const privateFolder = async (): Promise<{ readonly path: string } & AsyncDisposable> => {
  const path = await mkdtemp(join(tmpdir(), 'alfred-tunnel-'));
  const removeAtExit = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      process.off('exit', removeAtExit);
      await rm(path, { recursive: true, force: true });
    },
  };
};

const HOST_KEY = /^(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?$/;

/** Writes a known_hosts file that knows one key, whatever the host is called. Returns its path. */
const trustOnly = async (hostKey: string, folder: string): Promise<string> => {
  if (!HOST_KEY.test(hostKey))
    throw new TunnelError(`${JSON.stringify(hostKey)} is no host key; expected one like "ssh-ed25519 AAAA…"`);
  const path = join(folder, 'known_hosts');
  await writeFile(path, `* ${hostKey}\n`);
  return path;
};
