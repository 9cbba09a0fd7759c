/**
 * The server's options: each a flag, a variable in the environment and a key of the config file, in this order of
 * precedence. A table says all of an option in one place; everything else here reads the table.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command, CommanderError, Option } from 'commander';
import { parse as parseYaml } from 'yaml';
import { parseDuration } from '../base/duration.ts';
import type { SchedulerConfig } from '../scheduler/config.ts';
import {
  anyText,
  dockerHost,
  folder,
  list,
  listenAddress,
  networkRange,
  oneOf,
  onOrOff,
  sshHosts,
  wholeNumberFrom,
} from './option-values.ts';

/** Log levels, as the flag and the status show them. */
export type LogLevel = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

/** What makes the nodes. */
export type ProvisionerName = 'local' | 'ssh' | 'openstack';

/** What a server may be told: the scheduler's flags, and everybody else's. */
export type ServerOptions = SchedulerConfig & {
  /** `host:port` or `unix:PATH`. */
  readonly listen: string;
  readonly logLevel: LogLevel;
  readonly logFormat: 'json' | 'text';
  /** Whether each line says where in the source it comes from. */
  readonly logSource: boolean;
  readonly provisioner: ProvisionerName;
  /** `user@host[:port]`, one node each; none but with the ssh provisioner. */
  readonly sshHosts: readonly string[];
  /** These with the openstack provisioner only; empty: not said. */
  readonly openstackDockerHost: string;
  readonly openstackFlavor: string;
  readonly openstackImage: string;
  readonly openstackNetworks: readonly string[];
  readonly openstackSecurityGroups: readonly string[];
  readonly openstackSshUsername: string;
  readonly openstackServerGroup: string;
  /** Where tasks have their files on a node: on other machines, a relative folder is in the home of the login. */
  readonly nodeWorkspace: string;
  readonly serverData: string;
  /** 0 = keep. */
  readonly artifactRetentionMs: number;
  /** CIDR from which each task's network takes its subnet. */
  readonly networkRange: string;
  readonly onShutdown: 'abort' | 'detach';
};

/** Bad options, all of them told together; `message` is one line. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
}

type Spec<Value> = {
  readonly flag: string;
  /** What stands for the value in the help text; none: the flag is a switch. */
  readonly argument?: string;
  readonly about: string;
  readonly fallback: string;
  /** Throws an error that says what was expected. */
  readonly read: (text: string) => Value;
  /** The one provisioner that it is for. */
  readonly only?: ProvisionerName;
  /** With that provisioner it must be said. */
  readonly isNeeded?: boolean;
};

/** Where Docker listens unless somebody moved it. */
export const DOCKER_SOCKET = 'unix:///var/run/docker.sock';

const SPECS: { readonly [Name in keyof ServerOptions]: Spec<ServerOptions[Name]> } = {
  listen: {
    flag: 'listen',
    argument: 'address',
    about: 'where to listen: host:port or unix:PATH',
    fallback: ':25373',
    read: listenAddress,
  },
  logLevel: {
    flag: 'log-level',
    argument: 'level',
    about: 'DEBUG, INFO, WARN or ERROR',
    fallback: 'INFO',
    read: oneOf('DEBUG', 'INFO', 'WARN', 'ERROR'),
  },
  logFormat: { flag: 'log-format', argument: 'format', about: 'json or text', fallback: 'json', read: oneOf('json', 'text') },
  logSource: {
    flag: 'log-source',
    about: 'say where in the source a line of the log comes from',
    fallback: 'false',
    read: onOrOff,
  },
  provisioner: {
    flag: 'provisioner',
    argument: 'name',
    about: "what makes the nodes: local (this machine's Docker engine), ssh (--ssh-hosts) or openstack (--openstack-…)",
    fallback: 'local',
    read: oneOf('local', 'ssh', 'openstack'),
  },
  sshHosts: {
    flag: 'ssh-hosts',
    argument: 'hosts',
    about: 'user@host[:port],…: machines with Docker, a node each; their keys must be in known_hosts',
    fallback: '',
    read: sshHosts,
    only: 'ssh',
    isNeeded: true,
  },
  openstackFlavor: {
    flag: 'openstack-flavor',
    argument: 'name',
    about: 'flavor of a node, by name or id',
    fallback: '',
    read: anyText,
    only: 'openstack',
    isNeeded: true,
  },
  openstackImage: {
    flag: 'openstack-image',
    argument: 'name',
    about: 'image of a node, by name or id; with sshd, cloud-init and Docker',
    fallback: '',
    read: anyText,
    only: 'openstack',
    isNeeded: true,
  },
  openstackSshUsername: {
    flag: 'openstack-ssh-username',
    argument: 'name',
    about: 'who to log in as on a node: a user of the image that may use Docker',
    fallback: '',
    read: anyText,
    only: 'openstack',
    isNeeded: true,
  },
  openstackNetworks: {
    flag: 'openstack-networks',
    argument: 'names',
    about: "networks of a node, by name or id; default: the project's only one",
    fallback: '',
    read: list,
    only: 'openstack',
  },
  openstackSecurityGroups: {
    flag: 'openstack-security-groups',
    argument: 'names',
    about: "security groups of a node, by name or id; default: the project's default one",
    fallback: '',
    read: list,
    only: 'openstack',
  },
  openstackServerGroup: {
    flag: 'openstack-server-group',
    argument: 'name',
    about: 'server group of the nodes, by name or id; default: none',
    fallback: '',
    read: anyText,
    only: 'openstack',
  },
  openstackDockerHost: {
    flag: 'openstack-docker-host',
    argument: 'address',
    about: `where Docker listens on a node, as seen from there; default: ${DOCKER_SOCKET}`,
    fallback: '',
    read: dockerHost,
    only: 'openstack',
  },
  maxNodes: {
    flag: 'max-nodes',
    argument: 'count',
    about: 'nodes at the same time; default: half the CPUs, rounded up; with --ssh-hosts, as many as there are',
    fallback: String(Math.floor((availableParallelism() + 1) / 2)),
    read: wholeNumberFrom(1, 10_000),
  },
  slotsPerNode: {
    flag: 'slots-per-node',
    argument: 'count',
    about: 'slots of a node; a task that asks for more is refused',
    fallback: '2',
    read: wholeNumberFrom(1, 1_000),
  },
  taskStartupDelayMs: {
    flag: 'task-startup-delay',
    argument: 'duration',
    about: 'between two starts on one node',
    fallback: '1s',
    read: parseDuration,
  },
  taskTimeoutMs: {
    flag: 'task-timeout',
    argument: 'duration',
    about: 'how long a task may run; 0 = as long as it likes',
    fallback: '5h',
    read: parseDuration,
  },
  provisioningDelayMs: {
    flag: 'provisioning-delay',
    argument: 'duration',
    about: 'between the creations of two nodes',
    fallback: '20s',
    read: parseDuration,
  },
  provisioningFailureCooldownMs: {
    flag: 'provisioning-failure-cooldown',
    argument: 'duration',
    about: 'before a failed node is discarded, and between attempts to end one',
    fallback: '1m',
    read: parseDuration,
  },
  nodeIdleTimeoutMs: {
    flag: 'node-idle-timeout',
    argument: 'duration',
    about: 'how long a free node is kept while nothing is queued',
    fallback: '0s',
    read: parseDuration,
  },
  nodeWorkspace: {
    flag: 'node-workspace',
    argument: 'folder',
    about: 'where running tasks have their files',
    fallback: 'var/node-workspace',
    read: folder,
  },
  serverData: {
    flag: 'server-data',
    argument: 'folder',
    about: 'where the journal, artifacts and secrets are',
    fallback: 'var/server-data',
    read: folder,
  },
  artifactRetentionMs: {
    flag: 'artifact-retention',
    argument: 'duration',
    about: 'how long artifacts and finished jobs are kept; 0 = for ever',
    fallback: '4320h',
    read: parseDuration,
  },
  networkRange: {
    flag: 'network-range',
    argument: 'cidr',
    about: "the private range from which each task's network takes a small subnet",
    fallback: '10.83.0.0/16',
    read: networkRange,
  },
  onShutdown: {
    flag: 'on-shutdown',
    argument: 'what',
    about: 'what SIGTERM does to running tasks: abort, or detach (the next server takes them up again)',
    fallback: 'abort',
    read: oneOf('abort', 'detach'),
  },
};

const NAMES = Object.keys(SPECS) as readonly (keyof ServerOptions)[];

/** What the command line asks for: a server, or the removal of what earlier ones left behind. */
export type ServerCommand = ({ readonly type: 'serve' } | { readonly type: 'gc'; readonly dryRun: boolean }) & {
  readonly options: ServerOptions;
};

/** An option as text, and where it was said. */
type Said = { readonly text: string; readonly where: string };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The command and its options from the command line (without the program's own two words), the environment and the config file
 * that either names. Throws {@link OptionsError}; `--help` prints and throws a CommanderError with exit code 0.
 */
export const resolveCommand = (argv: readonly string[], env: Environment): ServerCommand => {
  const { command, flags } = readCommandLine(argv);
  return { ...command, options: resolveFlags(flags, env) };
};

/** The options of a server; throws as {@link resolveCommand} does. */
export const resolveOptions = (argv: readonly string[], env: Environment): ServerOptions => resolveCommand(argv, env).options;

const resolveFlags = (flags: Flags, env: Environment): ServerOptions => {
  const configFile = flags.config ?? env.ALFRED_CONFIG;
  const config = configFile === undefined ? {} : readConfig(configFile);
  return readAll(name => {
    const { flag } = SPECS[name];
    const variable = `ALFRED_${flag.toUpperCase().replaceAll('-', '_')}`;
    return said(flags[name], `--${flag}`) ?? said(env[variable], variable) ?? said(config[flag], `${flag} in ${configFile}`);
  });
};

const said = (text: string | undefined, where: string): Said | null => (text === undefined ? null : { text, where });

type FindSaid = (name: keyof ServerOptions) => Said | null;

const readAll = (find: FindSaid): ServerOptions => {
  const problems: string[] = [];
  const values = NAMES.map(name => {
    const { text, where } = find(name) ?? { text: SPECS[name].fallback, where: `--${SPECS[name].flag}` };
    try {
      return [name, SPECS[name].read(text)];
    } catch (error) {
      problems.push(`${where}: ${(error as Error).message}`);
      return [name, undefined];
    }
  });
  if (problems.length > 0) throw new OptionsError(problems.join('; '));
  return fitted(Object.fromEntries(values) as ServerOptions, find);
};

/** The options as they fit together. */
const fitted = (options: ServerOptions, find: FindSaid): ServerOptions => {
  const maxNodes = options.provisioner === 'ssh' && find('maxNodes') === null ? options.sshHosts.length : options.maxNodes;
  const problems = NAMES.flatMap(name => misfit(name, options, find(name)));
  if (problems.length === 0 && options.provisioner === 'ssh' && maxNodes > options.sshHosts.length)
    problems.push(
      `${find('maxNodes')?.where}: ${maxNodes} are more nodes than --ssh-hosts has hosts (${options.sshHosts.length})`,
    );
  if (problems.length > 0) throw new OptionsError(problems.join('; '));
  return { ...options, maxNodes };
};

const misfit = (name: keyof ServerOptions, options: ServerOptions, given: Said | null): readonly string[] => {
  const { flag, about, only, isNeeded } = SPECS[name];
  if (only === undefined) return [];
  const isEmpty = String(options[name]) === '';
  if (only !== options.provisioner) return isEmpty ? [] : [`${given?.where}: only with --provisioner ${only}`];
  return isNeeded && isEmpty ? [`--${flag}: needed with --provisioner ${only}: ${about}`] : [];
};

type Flags = { readonly config?: string } & { readonly [Name in keyof ServerOptions]?: string };

type CommandLine = {
  readonly command: { readonly type: 'serve' } | { readonly type: 'gc'; readonly dryRun: boolean };
  readonly flags: Flags;
};

const readCommandLine = (argv: readonly string[]): CommandLine => {
  let command: CommandLine['command'] = { type: 'serve' };
  const program = newProgram(dryRun => {
    command = { type: 'gc', dryRun };
  });
  try {
    const { config, ...given } = program
      .parse(argv, { from: 'user' })
      .opts<{ config?: string } & Record<string, string | true>>();
    const flags = NAMES.map(name => [name, given[camelCase(SPECS[name].flag)]] as const);
    const texts = flags.filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]);
    return { command, flags: { ...(config === undefined ? {} : { config }), ...Object.fromEntries(texts) } };
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode !== 0)
      throw new OptionsError(error.message.replace(/^error: /, '').replaceAll('\n', ' '));
    throw error;
  }
};

const newProgram = (onGc: (dryRun: boolean) => void): Command => {
  const program = new Command('alfred-server')
    .description(
      'Runs the jobs that alfred hands in. Each option is also ALFRED_<NAME> in the environment and a key of --config.',
    )
    .usage('[gc [--dry-run]] [options]')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .option('--config <file>', 'YAML file with options, by their long names')
    // Without a command: a server.
    .action(() => {});
  for (const name of NAMES) program.addOption(optionOf(name));
  program
    .command('gc')
    .description(
      'while no server runs, remove what earlier ones left behind: containers, networks, volumes, files of no live task, machines of no node',
    )
    .option('-n, --dry-run', 'list it, one a line, and remove nothing; also while a server runs')
    .action(({ dryRun = false }: { readonly dryRun?: boolean }) => onGc(dryRun));
  return program;
};

const optionOf = (name: keyof ServerOptions): Option => {
  const { flag, argument, about, fallback } = SPECS[name];
  const shown = argument === undefined || about.includes('default') ? about : `${about} (default: ${fallback})`;
  return new Option(argument === undefined ? `--${flag}` : `--${flag} <${argument}>`, shown);
};

const camelCase = (flag: string): string => flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

const readConfig = (file: string): Readonly<Record<string, string>> => {
  let content: unknown;
  try {
    content = parseYaml(readFileSync(file, 'utf8')) ?? {};
  } catch (error) {
    throw new OptionsError(`--config: ${file}: ${(error as Error).message.split('\n', 1)[0]}`);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new OptionsError(`--config: ${file}: expected options, one a line, like max-nodes: 4`);
  const known = new Set(NAMES.map(name => SPECS[name].flag));
  const unknown = Object.keys(content).filter(key => !known.has(key));
  if (unknown.length > 0) throw new OptionsError(`--config: ${file}: unknown option ${unknown.join(', ')}; see --help`);
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, String(value)]));
};
