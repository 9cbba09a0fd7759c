/** The way to a server, whichever it is: dialled, through ssh, or started inside this process. */

import { connectClient } from '../rpc/client.ts';
import { ServerUnreachableError } from '../rpc/client-port.ts';
import { openTunnel, TunnelError } from '../rpc/tunnel.ts';
import type { Context, OpenServer } from './context.ts';
import { describeRemote, type Remote, type ServerRemote } from './remote.ts';

export const openServer = async (remote: Remote, context: Context): Promise<OpenServer> => {
  switch (remote.type) {
    case 'local':
      return (await import('./local.ts')).startLocalServer(context);
    case 'socket':
      return dial(`unix:${remote.path}`);
    case 'server':
      return remote.tunnel === null ? dial(describeRemote(remote)) : openThroughSsh(remote, remote.tunnel, context);
  }
};

const dial = (address: string): OpenServer => {
  const client = connectClient({ address });
  return { client, isLocal: false, close: () => client.close() };
};

const openThroughSsh = async (
  remote: ServerRemote,
  { username, port, hostKey }: NonNullable<ServerRemote['tunnel']>,
  { io }: Context,
): Promise<OpenServer> => {
  const name = describeRemote(remote);
  const tunnel = await openTunnel({
    host: remote.host,
    port: remote.port,
    username,
    sshPort: port,
    ...(hostKey === null ? {} : { hostKey }),
    signal: io.signal,
  }).catch((cause: Error) => {
    throw cause instanceof TunnelError
      ? new ServerUnreachableError(`can't reach the server at ${name}: ${cause.message}`, { cause })
      : cause;
  });
  const client = connectClient({ address: tunnel.address, name, trouble: tunnel.trouble });
  const close = async (): Promise<void> => {
    await client.close();
    await tunnel.close();
  };
  return { client, isLocal: false, close };
};
