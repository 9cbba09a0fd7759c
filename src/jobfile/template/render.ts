/** From a jobfile as it was written to the YAML that it makes: dialect, statements, text. */

import type { Mistake, Stage } from '../problem.ts';
import type { Rendered } from '../rendered.ts';
import { asWritten, mistakeAt, rendered } from '../rendered.ts';
import type { SourceText } from '../source-text.ts';
import { type Dialect, type DialectGuess, dialectOf } from './dialect.ts';
import { evaluate } from './evaluate.ts';
import { StopError } from './function.ts';
import { parseGoTemplate } from './go-parser.ts';
import { parseHandlebarsTemplate } from './handlebars-translator.ts';
import { goSemantics, handlebarsSemantics } from './semantics.ts';
import { TemplateError, type TemplateFault } from './template-error.ts';
import { Dict, textDict, textList } from './value.ts';

/** What a jobfile's template can see. */
export type TemplateData = {
  readonly args: readonly string[];
  readonly params: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; commands run there. */
  readonly folder: string;
  readonly signal: AbortSignal;
};

/** Rejects when aborted, and on nothing else. */
export async function render(template: SourceText, data: TemplateData): Promise<Stage<Rendered>> {
  const guess = dialectOf(template.text);
  if (guess === null) return { ok: true, value: asWritten(template) };
  try {
    const { text, pieces } = await run(template.text, guess.dialect, data);
    return { ok: true, value: rendered(template, text, pieces) };
  } catch (error) {
    if (error instanceof StopError) return { ok: false, problems: [{ type: 'stopped', message: error.message }] };
    if (error instanceof TemplateError)
      return { ok: false, problems: error.faults.map(fault => mistakeOf(template, guess, fault)) };
    throw error;
  }
}

function run(source: string, dialect: Dialect, { args, params, env, folder, signal }: TemplateData): ReturnType<typeof evaluate> {
  const root = new Dict(
    [
      ['Env', textDict(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))],
      ['Args', textList(args)],
      ['Params', textDict(Object.entries(params))],
    ],
    'interface {}',
    true,
  );
  const template = dialect === 'go' ? parseGoTemplate(source) : parseHandlebarsTemplate(source, [...root.entries.keys()]);
  const globals = new Map([
    ['.', root],
    ['$', root],
    ['@root', root],
  ]);
  return evaluate(template, dialect === 'go' ? goSemantics : handlebarsSemantics, { env, folder, signal, globals });
}

/** Who guessed says so: what is wrong in one dialect may be right in the other. */
const mistakeOf = (template: SourceText, { dialect, isCertain }: DialectGuess, { span, ...what }: TemplateFault): Mistake => ({
  ...mistakeAt(template, span, what),
  ...(isCertain ? {} : { note: NOTES[dialect] }),
});

const NOTES: Readonly<Record<Dialect, string>> = {
  handlebars: 'read as Handlebars; if these are Go templates, let the first line be: # template: go',
  go: 'read as Go templates; if it is Handlebars, let the first line be: # template: handlebars',
};
