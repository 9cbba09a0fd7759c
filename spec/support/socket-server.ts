import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

/** A unix socket that does this to each connection; `address`: as Docker's would be given. */
export const socketServer = async (answer: (socket: Socket) => void): Promise<AsyncDisposable & { readonly address: string }> => {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'engine.sock');
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    answer(socket);
  }).listen(path);
  await new Promise(listening => server.once('listening', listening));
  return {
    address: `unix://${path}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
};
