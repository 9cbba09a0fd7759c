/** All that can be typed: commands, options, help. What a command does is loaded when it is called, so that this stays quick. */
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
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
  addLooking(program, surroundings);
  addMeta(program, surroundings);
  for (const command of program.commands) {
    pointToHelp(command);
    command.addHelpText('after', GLOBAL_OPTIONS);
  }
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
    .configureHelp({
      styleTitle: title => paint('bold', title),
      // What a command takes stands in its own help.
      subcommandTerm: command => [command.name(), ...command.aliases()].join(', '),
    });
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
    .addOption(paramOption())
    .option('--abort-on-failure', 'cancel the rest when a task exits 42')
    .option('--abort-on-error', 'cancel the rest when a task fails otherwise or times out')
    .option('--artifacts <dir>', 'download artifacts into this folder as tasks end')
    .option('--junit <file>', 'write a JUnit report')
    .addHelpText('after', `${EXAMPLES.run}\n${EXIT_CODES}`)
    .action(act(surroundings, async () => (await import('./commands/run.ts')).run));

  program
    .command('watch')
    .summary('follow a job to its end')
    .description('Follows a job to its end. With -v: shows all of it once, and leaves.')
    .argument('<job>', JOB_ARGUMENT)
    .option('--abort-on-failure', 'cancel the rest when a task exits 42')
    .option('--abort-on-error', 'cancel the rest when a task fails otherwise or times out')
    .option('--junit <file>', 'write a JUnit report')
    .addHelpText('after', EXIT_CODES)
    .action(act(surroundings, async () => (await import('./commands/watch.ts')).watch));

  program
    .command('cancel')
    .summary('cancel a job or a task')
    .description('Cancels the queued and running tasks of a job, or one of them, and waits until they are gone.')
    .argument('<job>', JOB_ARGUMENT)
    .argument('[task]', 'its task')
    .action(act(surroundings, async () => (await import('./commands/cancel.ts')).cancel));
};

const addLooking = (program: Command, surroundings: Surroundings): void => {
  program.commandsGroup('Looking at jobs:');

  program
    .command('ps')
    .summary('list jobs')
    .description('Lists the jobs that go on and those that finished last, the newest at the end.')
    .option('-a, --all', 'all jobs that the server lists')
    .action(act(surroundings, async () => (await import('./commands/ps.ts')).ps));

  program
    .command('show')
    .summary('show all of a job')
    .description('Shows who started a job, when and how, its tasks and its jobfile.')
    .argument('<job>', JOB_ARGUMENT)
    .action(act(surroundings, async () => (await import('./commands/show.ts')).show));

  program
    .command('logs')
    .alias('tail')
    .summary("show a task's log")
    .description("Shows the end of a task's log, as `tail -v` does: a header, then lines, for each step.")
    .argument('<job>', JOB_ARGUMENT)
    .argument('<task>', 'its task')
    .addOption(new Option('-n, --lines <count>', 'so many lines of each step').default(100).argParser(parseLines))
    .option('-f, --follow', 'go on with what is written, until the task ends')
    .addHelpText('after', EXAMPLES.logs)
    .action(act(surroundings, async () => (await import('./commands/logs.ts')).logs));

  program
    .command('artifact')
    .summary('download what tasks left in their output folder')
    .description(
      'Downloads artifacts as TASK.tar.zst: those of the named tasks, or of all. A running task gives what is there by now.',
    )
    .argument('<job>', `${JOB_ARGUMENT}; or a .tar.zst to --extract`)
    .argument('[task...]', 'its tasks')
    .option('-o, --output <dir>', 'where to put them (default: here)')
    .option('--extract', 'unpack them, each as a folder')
    .addHelpText('after', EXAMPLES.artifact)
    .action(act(surroundings, async () => (await import('./commands/artifact.ts')).artifact));
};

const addMeta = (program: Command, surroundings: Surroundings): void => {
  program.commandsGroup('Jobfiles:');

  program
    .command('check')
    .summary('check a jobfile')
    .description('Reads a jobfile as run does and tells all that is wrong with it. Needs neither Docker nor a server.')
    .argument('<jobfile>', 'the job, as YAML')
    .argument('[args...]', "the template's Args")
    .addOption(paramOption())
    .action(act(surroundings, async () => (await import('./commands/check.ts')).check));

  program
    .command('schema')
    .summary('print the JSON Schema of jobfiles')
    .description('Prints the JSON Schema of jobfiles, with which editors complete and check them.')
    .action(act(surroundings, async () => (await import('./commands/schema.ts')).schema));

  program.commandsGroup('Alfred itself:');

  program
    .command('version')
    .summary('show versions')
    .description("Shows the client's and the server's version.")
    .action(act(surroundings, async () => (await import('./commands/version.ts')).version));

  program
    .command('completion')
    .summary('print the completion of a shell')
    .description('Prints a script that lets a shell complete commands, options, jobs and tasks.')
    .addArgument(new Argument('<shell>', 'whose').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', EXAMPLES.completion)
    .action(act(surroundings, async () => (await import('./commands/completion.ts')).completion));

  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(
      act(surroundings, async () => {
        const { complete } = await import('./commands/complete.ts');
        return (context: Context, words: readonly string[]) => {
          const typed = createProgram(surroundings);
          typed.parseOptions([...words]);
          return complete({ ...context, remoteOptions: typed.opts() }, typed, words);
        };
      }),
    );
};

const JOB_ARGUMENT = 'its name, or any part that no other job has';

/** One option object per command: commander keeps its value in it. */
const paramOption = (): Option => new Option('-p, --param <key=value>', "one of the template's Params").argParser(collectParam);

const GLOBAL_OPTIONS = `
Options for every command (--remote, --local, --json and more): alfred --help`;

const EXAMPLES = {
  run: `
Examples:
  alfred run job.yaml
  alfred run job.yaml unit lint -p BRANCH=main
  alfred run --local job.yaml
  name=$(alfred run --async job.yaml) && alfred watch "$name"`,
  logs: `
Examples:
  alfred logs nightly unit
  alfred logs -f -n 1000 nightly unit | grep -i error`,
  artifact: `
Examples:
  alfred artifact nightly
  alfred artifact nightly unit -o out --extract
  alfred artifact --extract out/unit.tar.zst`,
  completion: `
Examples:
  source <(alfred completion bash)
  alfred completion fish > ~/.config/fish/completions/alfred.fish`,
} as const;

const EXIT_CODES = `
Exit codes: 0 all completed, 42 the worst was a warning, 43 the worst was a
skipped task, 1 a task failed, timed out or was aborted, 2 wrong usage or
jobfile, 3 the server could not be reached or refused, 130 interrupted.`;

type Params = Readonly<Record<string, string>>;

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

const parseLines = (text: string): number => {
  const lines = Number(text);
  if (!/^\d{1,9}$/.test(text) || lines < 1) throw new InvalidArgumentError('expected a number from 1');
  return lines;
};

const collectParam = (text: string, before: Params = {}): Params => {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('expected KEY=VALUE');
  return { ...before, [key]: value };
};
