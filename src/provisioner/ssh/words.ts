/** What went wrong on the way to a host, in words that say what to do about it. */

export type Target = { readonly host: string; readonly port: number; readonly username: string };

/** As messages name a host: `debian@10.0.0.12`, with the port where it is not ssh's own. */
export const addressOf = ({ host, port, username }: Target): string => {
  const name = host.includes(':') ? `[${host}]` : host;
  return `${username}@${name}${port === 22 ? '' : `:${port}`}`;
};

type SshError = Error & { readonly level?: string; readonly code?: unknown };

/** Why a connection could not be made. */
export const connectError = (cause: SshError, target: Target): Error =>
  new Error(`ssh ${addressOf(target)}: ${reasonOf(cause, target)}`, { cause });

const reasonOf = (error: SshError, { port, username }: Target): string => {
  switch (error.level) {
    case 'client-authentication':
      return `the host takes none of the keys offered: add a public key to ${username}'s ~/.ssh/authorized_keys there`;
    case 'client-timeout':
      return 'no answer';
    case 'handshake':
    case 'protocol':
      return `no agreement with its ssh server: ${error.message}`;
    default:
      return SOCKET_REASONS[String(error.code)]?.(port) ?? error.message;
  }
};

const SOCKET_REASONS: Readonly<Record<string, (port: number) => string>> = {
  ECONNREFUSED: port => `nothing listens on port ${port}: is sshd running there?`,
  ENOTFOUND: () => 'there is no such host',
  EAI_AGAIN: () => 'its name can not be looked up now',
  EHOSTUNREACH: () => 'there is no route to it',
  ENETUNREACH: () => 'there is no route to it',
  ETIMEDOUT: () => 'no answer',
  ECONNRESET: () => 'it closed the connection',
};
