/** The program that a command line is read with: how it speaks, and what is the same for all commands. */
import { Command } from 'commander';
import { buildInfo } from '../base/build-info.ts';
import type { Surroundings } from './act.ts';
import { addCommands } from './command-tree.ts';
import { addGlobalOptions } from './global-options.ts';
import type { Io } from './io.ts';
import { hasColor } from './output.ts';
import { screenPen } from './pen.ts';

/** Help wider than this is hard to read. */
const WIDEST_HELP = 100;

/** The command tree. Parsing rejects with commander's own errors for bad usage, and with whatever a command rejects with. */
export const createProgram = (surroundings: Surroundings): Command => {
  const program = new Command('alfred')
    .description("Runs a job's tasks side by side in containers, and shows what happens.")
    .usage('<command> [options]')
    .version(`alfred ${buildInfo.version} (${buildInfo.commit})`, '--version', "show the client's version, and ask no server")
    .helpOption('-h, --help', 'show help')
    .addHelpCommand(helpCommand())
    .exitOverride();
  speakThrough(program, surroundings.io);
  addGlobalOptions(program);
  addCommands(program, surroundings);
  for (const command of program.commands) {
    pointToHelp(command);
    command.addHelpText('after', GLOBAL_OPTIONS);
  }
  return program;
};

const helpCommand = (): Command =>
  new Command('help').helpOption(false).argument('[command]').description('show help for a command').helpGroup('Alfred itself:');

const speakThrough = (program: Command, { stdout, stderr, env }: Io): void => {
  const { paint } = screenPen({ color: true });
  program
    .configureOutput({
      writeOut: text => void stdout.write(text),
      writeErr: text => void stderr.write(text),
      getOutHelpWidth: () => Math.min(stdout.columns ?? 80, WIDEST_HELP),
      getErrHelpWidth: () => Math.min(stderr.columns ?? 80, WIDEST_HELP),
      getOutHasColors: () => hasColor(stdout, env),
      getErrHasColors: () => hasColor(stderr, env),
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

const GLOBAL_OPTIONS = `
Options for every command (--remote, --local, --json and more): alfred --help`;
