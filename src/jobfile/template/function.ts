/**
 * How a function of the library is declared: its parameters say what they take and how they take it, so that arity, types and
 * the words for what does not fit are written once.
 */
import { Dict, integerOf, List, type Value } from './value.ts';

/** A parameter of a function: its name, for messages and documentation, and how it reads an argument. */
export type Parameter<Type> = {
  readonly name: string;
  /** What fits, in words. */
  readonly wants: string;
  /** `undefined`: does not fit. */
  readonly read: (value: Value) => Type | undefined;
  /** What nothing stands for, in the dialect where nothing is empty. */
  readonly whenNothing?: Type;
};

/** What a function may know of the world. */
export type CallContext = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The jobfile's: commands run there. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Takes from what one template may use up; throws when it is all gone. Called before anything that grows with numbers. */
  readonly spend: (steps: number) => void;
  /** Spends what making a text of that length costs. */
  readonly spendText: (characters: number) => void;
  /** Spends what making a list of that length costs. */
  readonly spendList: (items: number) => void;
  /** Spends what going through all of `value` costs. */
  readonly weigh: (value: Value) => void;
  /** The value as text, in Go's `%v`; spends what that costs. */
  readonly textOf: (value: Value) => string;
};

export type TemplateFunction = {
  readonly parameters: readonly Parameter<unknown>[];
  /** Takes all arguments after those of `parameters`; `null`: there may be none. */
  readonly rest: Parameter<unknown> | null;
  /** Arguments as their parameters read them. */
  readonly call: (args: readonly unknown[], context: CallContext) => Value | Promise<Value>;
};

/** A function can't do what it was asked to; `message` continues "`name` …", without the name. `argument`: which one is to blame. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly argument: number | null;
  /** What a command wrote to stderr. */
  readonly output: string | null;

  constructor(
    message: string,
    { argument = null, output = null, ...options }: { argument?: number | null; output?: string | null } & ErrorOptions = {},
  ) {
    super(message, options);
    this.argument = argument;
    this.output = output;
  }
}

/** The template itself says stop, through `error`. */
export class StopError extends Error {
  override readonly name = 'StopError';
}

type Types<Parameters extends readonly Parameter<unknown>[]> = {
  [Index in keyof Parameters]: Parameters[Index] extends Parameter<infer Type> ? Type : never;
};

/** A function of a fixed number of arguments. `call` gets the context behind them. */
export const fn = <const Parameters extends readonly Parameter<unknown>[]>(
  parameters: Parameters,
  call: (...args: [...Types<Parameters>, CallContext]) => Value | Promise<Value>,
): TemplateFunction => ({
  parameters,
  rest: null,
  call: (args, context) => call(...(args as Types<Parameters>), context),
});

/** A function that takes any number of further arguments, as a list behind the others. */
export const variadic = <const Parameters extends readonly Parameter<unknown>[], Rest>(
  parameters: Parameters,
  rest: Parameter<Rest>,
  call: (...args: [...Types<Parameters>, readonly Rest[], CallContext]) => Value | Promise<Value>,
): TemplateFunction => ({
  parameters,
  rest,
  call: (args, context) => {
    const fixed = args.slice(0, parameters.length) as unknown as Types<Parameters>;
    return call(...fixed, args.slice(parameters.length) as Rest[], context);
  },
});

/** Takes whatever comes. */
export const anything = (name: string): Parameter<Value> => ({ name, wants: 'anything', read: value => value });

/** Texts; numbers and truths as they are written. Nothing is no text: a variable that is not set is better heard of. */
export const text = (name: string): Parameter<string> => ({
  name,
  wants: 'a text',
  whenNothing: '',
  read: value => {
    if (typeof value === 'string') return value;
    if (typeof value === 'boolean' || typeof value === 'number' || integerOf(value) !== null) {
      return String(integerOf(value) ?? value);
    }
    return undefined;
  },
});

/** Whole numbers that JavaScript can count to. */
export const integer = (name: string): Parameter<number> => ({
  name,
  wants: 'a whole number',
  read: value => {
    const number = Number(integerOf(value) ?? (typeof value === 'number' ? value : Number.NaN));
    return Number.isSafeInteger(number) ? number : undefined;
  },
});

export const truth = (name: string): Parameter<boolean> => ({
  name,
  wants: 'true or false',
  read: value => (typeof value === 'boolean' ? value : undefined),
});

export const list = (name: string): Parameter<List> => ({
  name,
  wants: 'a list',
  whenNothing: new List([]),
  read: value => (value instanceof List ? value : undefined),
});

export const dict = (name: string): Parameter<Dict> => ({
  name,
  wants: 'a dict',
  read: value => (value instanceof Dict ? value : undefined),
});
