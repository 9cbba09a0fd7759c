/** All that can be typed: commands, options, help. What a command does is loaded when it is called, so that this stays quick. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { buildInfo } from '../base/build-info.ts';
import type { Context, Doors } from './context.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';
import { createOutput } from './output.ts';
import { screenPen } from './pen.ts';
import { quoteCommand } from './quote.ts';
import type { RemoteOptions } from './remote.ts';

type Surroundings = {
  /** Without the program's own two words. */
  readonly argv: readonly string[];
  readonly io: Io;
  readonly doors: Doors;
  readonly onEnd: (exitCode: ExitCode) => void;
};

/** Help wider than this is hard to read. */
const WIDEST_HELP = 100;

/** The command tree. Parsing rejects with commander's own errors for bad usage, and with whatever a command rejects with. */
export const createProgram = (surroundings: Surroundings): Command => {
  const program = new Command('alfred')
    .description("Runs a job's tasks side by side in containers, and shows what happens.")
    .usage('<command> [options]')
    .version(`alfred ${buildInfo.version} (${buildInfo.commit})`, '--version', "show the client's version, and ask no server")
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .exitOverride();
  speakThrough(program, surroundings.io);
  addGlobalOptions(program);
  addRunning(program, surroundings);
  addMeta(program, surroundings);
  for (const command of program.commands) pointToHelp(command);
  return program;
};

const speakThrough = (program: Command, { stdout, stderr, env }: Io): void => {
  const { paint } = screenPen({ color: true });
  program
    .configureOutput({
      writeOut: text => void stdout.write(text),
      writeErr: text => void stderr.write(text),
      getOutHelpWidth: () => Math.min(stdout.columns ?? 80, WIDEST_HELP),
      getErrHelpWidth: () => Math.min(stderr.columns ?? 80, WIDEST_HELP),
      getOutHasColors: () => stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
      getErrHasColors: () => stderr.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
    })
    .configureHelp({ showGlobalOptions: true, styleTitle: title => paint('bold', title) });
  pointToHelp(program);
};

/** One line for a mistake: what is wrong, the nearest word that is right, and where to read on. */
const pointToHelp = (command: Command): void => {
  const help = `${command.parent === null ? '' : `${command.parent.name()} `}${command.name()} --help`;
  command.configureOutput({
    outputError: (text, write) => {
      const sentence = text
        .replace(/^error: /, '')
        .replace(' is invalid. ', ' is invalid: ')
        .trim()
        .replace(/\.$/, '');
      write(`alfred: ${sentence.replaceAll('\n', ' ')}; see ${help}\n`);
    },
  });
};

const addGlobalOptions = (program: Command): void => {
  program
    .optionsGroup('Options for every command:')
    .option('--remote <host[:port]>', 'the server to talk to; also ALFRED_REMOTE, and `local` for --local')
    .option('--local', 'use no server: run everything inside this command')
    .option('--ssh-tunneling', 'reach the server by ssh; the default for all but this machine')
    .option('--no-ssh-tunneling', 'reach the server directly')
    .option('--ssh-username <name>', 'whom to log in as', 'alfred-user')
    .addOption(new Option('--ssh-port <port>', 'the port of sshd').default(22).argParser(parsePort))
    .option('--ssh-host-key <key>', "the server's key, as in known_hosts: `ssh-ed25519 AAAA…`")
    .option('-v, --verbose', 'say more')
    .option('--json', 'print data as JSON documents, one a line')
    .option('--no-color', 'print no colours; also NO_COLOR');
};

const addRunning = (program: Command, surroundings: Surroundings): void => {
  program.commandsGroup('Running jobs:');

  program
    .command('run')
    .summary('run a job')
    .description('Reads a jobfile, builds its images, hands the job to the server and watches it to its end.')
    .argument('<jobfile>', 'the job, as YAML')
    .argument('[args...]', "the template's Args")
    .option('--async', 'leave once the job is scheduled, and print its name')
    .option('-n, --dry-run', 'print the job as it would be run, and do nothing')
    .addOption(new Option('-p, --param <key=value>', "one of the template's Params").default({}, '').argParser(collectParam))
    .option('--abort-on-failure', 'cancel the rest when a task exits 42')
    .option('--abort-on-error', 'cancel the rest when a task fails otherwise or times out')
    .option('--artifacts <dir>', 'download artifacts into this folder as tasks end')
    .option('--junit <file>', 'write a JUnit report')
    .addHelpText('after', EXAMPLES.run + EXIT_CODES)
    .action(act(surroundings, async () => (await import('./commands/run.ts')).run));

  program
    .command('watch')
    .summary('follow a job to its end')
    .description('Follows a job to its end. With -v: shows all of it once, and leaves.')
    .argument('<job>', 'its name, or any part that no other job has')
    .option('--abort-on-failure', 'cancel the rest when a task exits 42')
    .option('--abort-on-error', 'cancel the rest when a task fails otherwise or times out')
    .option('--junit <file>', 'write a JUnit report')
    .addHelpText('after', EXIT_CODES)
    .action(act(surroundings, async () => (await import('./commands/watch.ts')).watch));
};

const addMeta = (program: Command, surroundings: Surroundings): void => {
  program.commandsGroup('Alfred itself:');

  program
    .command('version')
    .description("Shows the client's and the server's version.")
    .action(act(surroundings, async () => (await import('./commands/version.ts')).version));
};

const EXAMPLES = {
  run: `
Examples:
  alfred run job.yaml
  alfred run job.yaml unit lint -p BRANCH=main
  alfred run --local job.yaml
  name=$(alfred run --async job.yaml) && alfred watch "$name"
`,
} as const;

const EXIT_CODES = `
Exit codes: 0 all completed, 42 the worst was a warning, 43 the worst was a
skipped task, 1 a task failed, timed out or was aborted, 2 wrong usage or
jobfile, 3 the server could not be reached or refused, 130 interrupted.
`;

type GlobalOptions = RemoteOptions & { readonly verbose?: boolean; readonly json?: boolean; readonly color: boolean };

/** A command's function, given what was typed after its context, as what commander calls. */
const act =
  <Typed extends readonly unknown[]>(
    { argv, io, doors, onEnd }: Surroundings,
    load: () => Promise<(context: Context, ...typed: Typed) => Promise<ExitCode>>,
  ) =>
  async (...received: readonly [...Typed, Command]): Promise<void> => {
    const globals: GlobalOptions = (received.at(-1) as Command).optsWithGlobals();
    const output = createOutput(io, { ...globals, json: globals.json === true, verbose: globals.verbose === true });
    const context: Context = { io, output, remoteOptions: globals, commandLine: quoteCommand(['alfred', ...argv]), doors };
    const command = await load();
    onEnd(await command(context, ...(received.slice(0, -1) as unknown as Typed)));
  };

const parsePort = (text: string): number => {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw new InvalidArgumentError('expected a number from 1 to 65535');
  return port;
};

const collectParam = (text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('expected KEY=VALUE');
  return { ...before, [key]: value };
};
