/** A node's machine as the house sees it: a `RemoteHost` from the moment that the node is thought of, before there is an address to it. */
import type { Duplex } from 'node:stream';
import { untilAborted } from '../../base/until-aborted.ts';
import type { RemoteCommand, RemoteHost } from '../../engine/ports.ts';
import type { SshConnection } from '../ssh/connection.ts';
import type { HostKey } from '../ssh/host-key.ts';

/** Of an ssh connection, what is used here. */
export type Connection = Pick<SshConnection, 'address' | 'run' | 'dialDocker' | 'open' | 'state$' | 'giveUp' | 'close'>;

/** Makes the connection to a server; does not open it. */
export type ConnectTo = (server: {
  readonly address: string;
  readonly privateKey: string;
  readonly trust: (key: HostKey) => Promise<void>;
}) => Connection;

/** What is asked of the host waits for the connection, and fails with what the promise rejects with. */
export const hostBehind = (connection: Promise<Connection>, name: string): RemoteHost => {
  let address = name;
  // Who asks something of the host hears of it.
  connection.then(
    known => {
      address = known.address;
    },
    () => undefined,
  );
  return {
    get address() {
      return address;
    },
    run: async (script, signal): Promise<RemoteCommand> => await (await untilAborted(connection, signal)).run(script, signal),
    dialDocker: async (): Promise<Duplex> => await (await connection).dialDocker(),
  };
};
