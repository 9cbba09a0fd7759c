/** Where a server listens: `host:port`, or `unix:PATH`. */
import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, resolve } from 'node:path';
import { logVerbosity, type Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';

/** The address can't be listened on; `message` says why and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Binds a server; returns the address with the port that it got (port 0 asks for any). Rejects with {@link ListenError}. */
export const listen = (server: Server, address: string): Promise<string> =>
  address.startsWith('unix:') ? listenOnSocket(server, address.slice('unix:'.length)) : listenOnPort(server, address);

const listenOnPort = async (server: Server, address: string): Promise<string> => {
  const { host, port } = parseHostPort(address);
  const bound = await bind(server, `${host || '[::]'}:${port}`, address);
  return `${host}:${bound}`;
};

const parseHostPort = (address: string): { readonly host: string; readonly port: number } => {
  const match = /^(?<host>\[[0-9A-Fa-f:.%]+\]|[^:[\]/\s]*):(?<port>\d{1,5})$/.exec(address);
  const port = Number(match?.groups?.port);
  if (match === null || port > 65_535)
    throw new ListenError(`can't listen on ${JSON.stringify(address)}: expected host:port, :port or unix:PATH`);
  return { host: match.groups?.host ?? '', port };
};

/** Longest path of a unix socket, in bytes (sun_path: 108 on Linux, 104 on macOS, with a NUL at the end). */
const LONGEST_SOCKET_PATH = 103;

const listenOnSocket = async (server: Server, given: string): Promise<string> => {
  const path = resolve(given);
  if (given === '') throw new ListenError(`can't listen on "unix:": expected unix:PATH`);
  if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH)
    throw new ListenError(`can't listen on ${path}: a socket's path has at most ${LONGEST_SOCKET_PATH} bytes`);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await removeStaleSocket(path);
  await bind(server, `unix:${path}`, path);
  // Whoever may connect may run containers: in a folder that was there before, the socket itself keeps others out.
  await chmod(path, 0o600);
  return `unix:${path}`;
};

/** Removes what a killed server left; refuses to take the place of a living one, or of anything else. */
const removeStaleSocket = async (path: string): Promise<void> => {
  const found = await lstat(path).catch(() => null);
  if (found === null) return;
  if (!found.isSocket())
    throw new ListenError(`can't listen on ${path}: it exists and is no socket; remove it or choose another path`);
  if (await isListenedOn(path)) throw new ListenError(`can't listen on ${path}: a server listens there already`);
  await unlink(path);
};

const isListenedOn = (path: string): Promise<boolean> =>
  new Promise((answer, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      answer(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') answer(false);
      else reject(new ListenError(`can't listen on ${path}: ${error.message}`, { cause: error }));
    });
  });

const bind = (server: Server, target: string, name: string): Promise<number> =>
  new Promise((bound, reject) => {
    // What it would print on its own is told by the error, in a form that helps.
    if (process.env.GRPC_VERBOSITY === undefined) setLogVerbosity(logVerbosity.NONE);
    server.bindAsync(target, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) bound(port);
      else reject(new ListenError(`can't listen on ${name}: ${reason(error)}`, { cause: error }));
    });
  });

const reason = ({ message }: Error): string => {
  if (message.includes('EADDRINUSE')) return 'the port is in use; is another server running? Choose another port';
  if (message.includes('EACCES')) return 'permission denied';
  if (message.includes('EADDRNOTAVAIL') || message.includes('Name resolution')) return 'this machine has no such address';
  return message;
};
