/** The commands: their names, arguments, options and help, a line each. What they do is loaded when they are called. */
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { formatDuration, parseDuration } from '../base/duration.ts';
import { LONGEST_KEEP_MS } from '../domain/job.ts';
import { act, type Surroundings } from './act.ts';
import type { Context } from './context.ts';

export const addCommands = (program: Command, surroundings: Surroundings): void => {
  addRunning(program, surroundings);
  addLooking(program, surroundings);
  addJobfiles(program, surroundings);
  addAlfred(program, surroundings);
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
    .addOption(keepFailedOption())
    .option('--artifacts <dir>', 'download artifacts into this folder as tasks end')
    .option('--junit <file>', 'write a JUnit report')
    .addHelpText('after', `${EXAMPLES.run}\n${EXIT_CODES}`)
    .action(act(surroundings, async () => (await import('./commands/run.ts')).run));

  program
    .command('rerun')
    .summary('run a job again')
    .description('Runs a job again as it was, with the images that the server has of it, and watches it to its end.')
    .argument('<job>', JOB_ARGUMENT)
    .option('--failed', 'only the tasks that failed, timed out or were aborted')
    .option('--async', 'leave once the job is scheduled, and print its name')
    .option('--abort-on-failure', 'cancel the rest when a task exits 42')
    .option('--abort-on-error', 'cancel the rest when a task fails otherwise or times out')
    .addOption(keepFailedOption())
    .option('--artifacts <dir>', 'download artifacts into this folder as tasks end')
    .option('--junit <file>', 'write a JUnit report')
    .addHelpText('after', `${EXAMPLES.rerun}\n${EXIT_CODES}`)
    .action(act(surroundings, async () => (await import('./commands/rerun.ts')).rerun));

  program
    .command('watch')
    .summary('follow a job to its end')
    .description('Follows a job to its end. With -v: shows all of it once, and leaves.')
    .argument('<job>', JOB_ARGUMENT)
    .option('--abort-on-failure', 'cancel the rest when a task exits 42')
    .option('--abort-on-error', 'cancel the rest when a task fails otherwise or times out')
    .option('--junit <file>', 'write a JUnit report')
    .addHelpText('after', `${EXAMPLES.watch}\n${EXIT_CODES}`)
    .action(act(surroundings, async () => (await import('./commands/watch.ts')).watch));

  program
    .command('exec')
    .summary('run a command in a task')
    .description(
      'Runs a command in a running task, beside its step, or in one that failed and is kept: a shell, unless another is named.',
    )
    .argument('<job>', JOB_ARGUMENT)
    .argument('<task>', 'its task')
    .argument('[command...]', 'what to run, after `--`')
    .addHelpText('after', `${EXAMPLES.exec}\n${EXEC_EXIT_CODES}`)
    .action(act(surroundings, async () => (await import('./commands/exec.ts')).exec));

  program
    .command('cancel')
    .summary('cancel a job or a task')
    .description('Cancels the queued and running tasks of a job, or one of them, and waits until they are gone.')
    .argument('<job>', JOB_ARGUMENT)
    .argument('[task]', 'its task')
    .addHelpText('after', EXAMPLES.cancel)
    .action(act(surroundings, async () => (await import('./commands/cancel.ts')).cancel));
};

const addLooking = (program: Command, surroundings: Surroundings): void => {
  program.commandsGroup('Looking at jobs:');

  program
    .command('ps')
    .summary('list jobs')
    .description('Lists the jobs that go on and those that finished last, the newest at the end.')
    .option('-a, --all', 'all jobs that the server remembers')
    .addHelpText('after', EXAMPLES.ps)
    .action(act(surroundings, async () => (await import('./commands/ps.ts')).ps));

  program
    .command('top')
    .summary('watch the whole server')
    .description(
      'Shows nodes, jobs and logs of a server on a screen of their own, as they change. `?` lists the keys, `q` leaves.',
    )
    .addHelpText('after', EXAMPLES.top)
    .action(act(surroundings, async () => (await import('./commands/top.ts')).top));

  program
    .command('show')
    .summary('show all of a job')
    .description('Shows who started a job, when and how, its tasks and its jobfile.')
    .argument('<job>', JOB_ARGUMENT)
    .addHelpText('after', EXAMPLES.show)
    .action(act(surroundings, async () => (await import('./commands/show.ts')).show));

  program
    .command('logs')
    .alias('tail')
    .summary('show what tasks wrote')
    .description(
      "Shows the end of a task's log, as `tail -v` does: a header, then lines, for each step. Without a task: the logs of all, " +
        'merged by time, each line with the name of its task.',
    )
    .argument('<job>', JOB_ARGUMENT)
    .argument('[task]', 'its task')
    .addOption(
      new Option('-n, --lines <count>', 'so many of each step (default: 100, all with --since or --grep)').argParser(parseLines),
    )
    .option('-f, --follow', 'go on with what is written, until the tasks end')
    .option('--failed', 'only tasks that failed, timed out or warned')
    .addOption(new Option('--since <duration>', 'only lines of the last 10m, 1h30m, …').argParser(parseMs))
    .addOption(new Option('--grep <pattern>', 'only lines that match a regular expression').argParser(parsePattern))
    .option('--no-timestamps', 'without the time of each line')
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

const addJobfiles = (program: Command, surroundings: Surroundings): void => {
  program.commandsGroup('Jobfiles:');

  program
    .command('check')
    .summary('check a jobfile')
    .description('Reads a jobfile as run does and tells all that is wrong with it. Needs neither Docker nor a server.')
    .argument('<jobfile>', 'the job, as YAML')
    .argument('[args...]', "the template's Args")
    .addOption(paramOption())
    .addHelpText('after', EXAMPLES.check)
    .action(act(surroundings, async () => (await import('./commands/check.ts')).check));

  program
    .command('schema')
    .summary('print the JSON Schema of jobfiles')
    .description('Prints the JSON Schema of jobfiles, with which editors complete and check them.')
    .addHelpText('after', EXAMPLES.schema)
    .action(act(surroundings, async () => (await import('./commands/schema.ts')).schema));
};

const addAlfred = (program: Command, surroundings: Surroundings): void => {
  program.commandsGroup('Alfred itself:');

  program
    .command('version')
    .summary('show versions')
    .description("Shows the client's and the server's version.")
    .addHelpText('after', EXAMPLES.version)
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
          // The options of the command line that is being typed, not of this one.
          program.parseOptions([...words]);
          return complete({ ...context, remoteOptions: program.opts() }, program, words);
        };
      }),
    );
};

const JOB_ARGUMENT = 'its name, or any part that no other job has';

/** One option object per command: commander keeps its value in it. */
const paramOption = (): Option => new Option('-p, --param <key=value>', "one of the template's Params").argParser(collectParam);

const keepFailedOption = (): Option =>
  new Option('--keep-failed <duration>', 'keep tasks that fail for 15m, 1h, …: `alfred exec` gets into them').argParser(
    parseKeepFailed,
  );

const EXAMPLES = {
  run: `
Examples:
  alfred run job.yaml
  alfred run job.yaml unit lint -p BRANCH=main
  alfred run --local job.yaml
  alfred run --keep-failed 15m job.yaml
  name=$(alfred run --async job.yaml) && alfred watch "$name"`,
  rerun: `
Examples:
  alfred rerun nightly-brave-otter
  alfred rerun --failed --artifacts out nightly-brave`,
  watch: `
Examples:
  alfred watch nightly
  alfred watch --abort-on-error --junit report.xml nightly
  alfred watch -v nightly`,
  exec: `
Examples:
  alfred exec nightly unit
  alfred exec nightly unit -- ps -ef
  alfred exec nightly unit -- tar c /alfred/output | tar x`,
  cancel: `
Examples:
  alfred cancel nightly
  alfred cancel nightly unit`,
  ps: `
Examples:
  alfred ps
  alfred ps --all
  alfred ps --json | jq -r 'select(.completedAt == null).name'`,
  show: `
Examples:
  alfred show nightly
  alfred show --json nightly | jq -r .jobfile`,
  top: `
Examples:
  alfred top
  alfred --remote ci.example.org top`,
  logs: `
Examples:
  alfred logs nightly unit
  alfred logs -f nightly
  alfred logs --failed --grep 'error|panic' nightly`,
  artifact: `
Examples:
  alfred artifact nightly
  alfred artifact nightly unit -o out --extract
  alfred artifact --extract out/unit.tar.zst`,
  check: `
Examples:
  alfred check job.yaml
  alfred check job.yaml unit lint -p BRANCH=main`,
  schema: `
Examples:
  alfred schema > jobfile.schema.json`,
  version: `
Examples:
  alfred version
  alfred version --json | jq -r .server.version`,
  completion: `
Examples:
  source <(alfred completion bash)
  alfred completion fish > ~/.config/fish/completions/alfred.fish`,
} as const;

const EXIT_CODES = `
Exit codes: 0 all completed, 42 the worst was a warning, 43 the worst was a
skipped task, 1 a task failed, timed out or was aborted, 2 wrong usage or
jobfile, 3 the server could not be reached or refused, 130 interrupted.`;

const EXEC_EXIT_CODES = `
Exit codes: the command's own; 3 when the task has no step that runs or is kept,
when that ends and takes the command with it, or when the connection is lost.`;

type Params = Readonly<Record<string, string>>;

const parseLines = (text: string): number => {
  const lines = Number(text);
  if (!/^\d{1,9}$/.test(text) || lines < 1) throw new InvalidArgumentError('expected a number from 1');
  return lines;
};

const parseMs = (text: string): number => {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
};

const parseKeepFailed = (text: string): number => {
  const ms = parseMs(text);
  if (ms >= 1 && ms <= LONGEST_KEEP_MS) return ms;
  throw new InvalidArgumentError(`expected more than 0 and at most ${formatDuration(LONGEST_KEEP_MS)}: what is kept takes slots`);
};

const parsePattern = (text: string): RegExp => {
  try {
    return new RegExp(text, 'u');
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
};

const collectParam = (text: string, before: Params = {}): Params => {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('expected KEY=VALUE');
  return { ...before, [key]: value };
};
