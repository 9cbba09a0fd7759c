/** What may stand where the cursor is, from the command tree alone: neither the server nor the shell is asked here. */
import type { Argument, Command, Option } from 'commander';

export type Candidate = { readonly value: string; readonly about: string };

export type Wanted =
  /** The shell knows files better than anyone. */
  { readonly type: 'files' } | WantedWords;

export type WantedWords =
  | { readonly type: 'words'; readonly candidates: readonly Candidate[] }
  | { readonly type: 'jobs' }
  /** `taken` are on the command line already. */
  | { readonly type: 'tasks'; readonly job: string; readonly taken: readonly string[] }
  | { readonly type: 'nothing' };

/** Options whose value is a file or a folder. */
const FILE_OPTIONS = new Set(['artifacts', 'junit', 'output']);

/** `before`: the words after `alfred` up to the one that is being typed; `typed`: that one, as far as it is there. */
export const wantedAt = (program: Command, before: readonly string[], typed: string): Wanted => {
  const { command, operands, unfinished } = read(program, before);
  if (unfinished !== null) return { type: FILE_OPTIONS.has(unfinished.attributeName()) ? 'files' : 'nothing' };
  if (typed.startsWith('-') && !before.includes('--')) return { type: 'words', candidates: optionsOf(program, command) };
  if (command !== null) return operandOf(command, operands);
  return operands.length === 0 ? { type: 'words', candidates: commandsOf(program) } : { type: 'nothing' };
};

type Read = {
  /** `null`: none yet, or, when there are operands, none that is known. */
  readonly command: Command | null;
  readonly operands: readonly string[];
  /** The option whose value comes next. */
  readonly unfinished: Option | null;
};

const read = (program: Command, words: readonly string[]): Read => {
  let command: Command | null = null;
  let unfinished: Option | null = null;
  const operands: string[] = [];
  for (const word of words) {
    if (unfinished !== null) unfinished = null;
    else if (word.startsWith('-')) unfinished = optionWithoutValue(program, command, word);
    else if (command === null && operands.length === 0) {
      command = findCommand(program, word);
      if (command === null) operands.push(word);
    } else operands.push(word);
  }
  return { command, operands, unfinished };
};

const findCommand = (program: Command, word: string): Command | null =>
  program.commands.find(command => command.name() === word || command.aliases().includes(word)) ?? null;

/** The option that `word` names, when it takes a value and `word` does not hold it. */
const optionWithoutValue = (program: Command, command: Command | null, word: string): Option | null =>
  [...program.options, ...(command?.options ?? [])].find(
    option => option.required && [option.short, option.long].includes(word),
  ) ?? null;

const optionsOf = (program: Command, command: Command | null): readonly Candidate[] => {
  const options = (of: Command): readonly Option[] => of.createHelp().visibleOptions(of);
  return [...(command === null ? [] : options(command)), ...options(program)]
    .filter(({ long }, index, all) => long != null && all.findIndex(other => other.long === long) === index)
    .map(({ long, description }) => ({ value: long ?? '', about: description }));
};

const commandsOf = (program: Command): readonly Candidate[] =>
  program
    .createHelp()
    .visibleCommands(program)
    .map(command => ({ value: command.name(), about: command.summary() || command.description() }));

const operandOf = (command: Command, operands: readonly string[]): Wanted => {
  const { registeredArguments } = command;
  const last = registeredArguments.at(-1);
  const argument: Argument | undefined = registeredArguments[operands.length] ?? (last?.variadic ? last : undefined);
  if (argument?.argChoices !== undefined)
    return { type: 'words', candidates: argument.argChoices.map(value => ({ value, about: argument.description })) };
  switch (argument?.name()) {
    case 'jobfile':
      return { type: 'files' };
    case 'job':
      return { type: 'jobs' };
    case 'task':
      return { type: 'tasks', job: operands[0] ?? '', taken: operands.slice(1) };
    default:
      return { type: 'nothing' };
  }
};
