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
