/** From a jobfile as it was written to the YAML that it makes: dialect, statements, text. */

import type { Mistake, Stage } from '../problem.ts';
import type { Rendered } from '../rendered.ts';
import { asWritten, mistakeAt, rendered } from '../rendered.ts';
import type { SourceText } from '../source-text.ts';
import type { Template } from './ast.ts';
import { type Dialect, type DialectGuess, dialectOf } from './dialect.ts';
import { evaluate } from './evaluate.ts';
import { StopError } from './function.ts';
import { parseGoTemplate } from './go-parser.ts';
import { parseHandlebarsTemplate } from './handlebars-translator.ts';
import { goSemantics, handlebarsSemantics } from './semantics.ts';
import { TemplateError } from './template-error.ts';
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
  const root = rootOf(data);
  const parsed = parse(template, guess, root);
  if (!parsed.ok) return parsed;
  const semantics = guess.dialect === 'go' ? goSemantics : handlebarsSemantics;
  try {
    const { text, pieces } = await evaluate(parsed.value, semantics, {
      ...data,
      globals: new Map(ROOT_NAMES.map(name => [name, root])),
    });
    return { ok: true, value: rendered(template, text, pieces) };
  } catch (error) {
    if (error instanceof StopError) return { ok: false, problems: [{ type: 'stopped', message: error.message }] };
    return { ok: false, problems: mistakesOf(template, error) };
  }
}

/** The names of the data: what both dialects begin with, and what each calls it from further in. */
const ROOT_NAMES: readonly string[] = ['.', '$', '@root'];

const rootOf = ({ args, params, env }: TemplateData): Dict =>
  new Dict(
    [
      ['Env', textDict(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))],
      ['Args', textList(args)],
      ['Params', textDict(Object.entries(params))],
    ],
    'interface {}',
    true,
  );

/** Who guessed the dialect says so: what is wrong in one may be right in the other. */
function parse(template: SourceText, { dialect, isCertain }: DialectGuess, root: Dict): Stage<Template> {
  try {
    const { text } = template;
    return {
      ok: true,
      value: dialect === 'go' ? parseGoTemplate(text) : parseHandlebarsTemplate(text, [...root.entries.keys()]),
    };
  } catch (error) {
    const problems = mistakesOf(template, error);
    return { ok: false, problems: isCertain ? problems : problems.map(problem => ({ ...problem, note: NOTES[dialect] })) };
  }
}

const NOTES: Readonly<Record<Dialect, string>> = {
  handlebars: 'read as Handlebars; if these are Go templates, let the first line be: # template: go',
  go: 'read as Go templates; if it is Handlebars, let the first line be: # template: handlebars',
};

function mistakesOf(template: SourceText, error: unknown): readonly Mistake[] {
  if (!(error instanceof TemplateError)) throw error;
  return error.faults.map(({ span, ...what }) => mistakeAt(template, span, what));
}
