/** A node for specs: a real sshd on the loopback, its limits as they come, whose host has the engine of this machine; and the way to it. */
import type { Log } from '../../src/base/log.ts';
import { createSshConnection, type SshConnection, type SshConnectionOptions } from '../../src/provisioner/ssh/connection.ts';
import { type Sshd, startSshd } from './sshd.ts';

export type SshNode = AsyncDisposable & {
  /** Connected. */
  readonly host: SshConnection;
  readonly sshd: Sshd;
};

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** What gets in to this sshd, for `createSshConnection`. */
export const wayIn = ({ port, username, privateKey }: Sshd): SshConnectionOptions => ({
  target: { host: '127.0.0.1', port, username },
  identity: { privateKeys: [privateKey] },
  trust: async () => undefined,
  dockerSocket: 'unix:///var/run/docker.sock',
  log: silent,
});

/** Starts an sshd and connects to it. `extra`: lines of its config; `options`: what is not as {@link wayIn} has it. */
export const startSshNode = async (
  extra: readonly string[] = [],
  options: Partial<SshConnectionOptions> = {},
): Promise<SshNode> => {
  const sshd = await startSshd(extra);
  const host = createSshConnection({ ...wayIn(sshd), ...options });
  const node: SshNode = {
    host,
    sshd,
    [Symbol.asyncDispose]: async () => {
      host.close();
      await sshd[Symbol.asyncDispose]();
    },
  };
  try {
    await host.open(new AbortController().signal);
    return node;
  } catch (error) {
    await node[Symbol.asyncDispose]();
    throw error;
  }
};
