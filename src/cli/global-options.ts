import { type Command, InvalidArgumentError, Option } from 'commander';
import { SSH_DEFAULTS } from './remote.ts';

/** The options that mean the same for every command, and may stand before or after its name. */
export const addGlobalOptions = (program: Command): void => {
  program
    .optionsGroup('Options for every command:')
    .option('--remote <host[:port]>', 'the server to talk to; also ALFRED_REMOTE, and `local` for --local')
    .option('--local', 'use no server: run everything inside this command')
    .option('--ssh-tunneling', 'reach the server by ssh; the default for all but this machine')
    .option('--no-ssh-tunneling', 'reach the server directly')
    .option('--ssh-username <name>', 'whom to log in as', SSH_DEFAULTS.sshUsername)
    .addOption(new Option('--ssh-port <port>', 'the port of sshd').default(SSH_DEFAULTS.sshPort).argParser(parsePort))
    .option('--ssh-host-key <key>', "the server's key, as in known_hosts: `ssh-ed25519 AAAA…`")
    .option('-v, --verbose', 'say more')
    .option('--json', 'print data as JSON documents, one a line')
    .option('--no-color', 'print no colours; also NO_COLOR');
};

const parsePort = (text: string): number => {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw new InvalidArgumentError('expected a number from 1 to 65535');
  return port;
};
