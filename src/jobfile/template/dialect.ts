/** Which language a jobfile's template is written in, told by its first line or by its syntax. */

export type Dialect = 'handlebars' | 'go';

export type DialectGuess = {
  readonly dialect: Dialect;
  /** The first line says so, or everything that can tell points the same way. */
  readonly isCertain: boolean;
};

/** `# template: go` anywhere in the first line, when that is a comment. */
const OVERRIDE = /^#.*\btemplate:\s*(go|handlebars)\b/i;

/** What only one of the two would write between braces, without the trim marks; tried from the top. */
const SIGNS: readonly (readonly [Dialect, RegExp])[] = [
  // Block openers and closers, partials, comments and raw text; Go has only the comment /* */.
  ['handlebars', /^[#^>&!{]|^\/(?!\*)/],
  ['go', /^\/\*/],
  ['go', /^(?:if|else\s+if|with|range|define|template|block|end|break|continue)\b/],
  ['handlebars', /^else\s/],
  // Contexts and loop variables.
  ['handlebars', /(?:^|[\s(])(?:this\b|@\w|\.\.\/)|\sas\s+\|/],
  // Fields of the data: .Env.X and Env.X.
  ['go', /(?:^|[\s(])\.(?:[A-Za-z_)\s]|$)/],
  ['handlebars', /(?:^|[\s(])(?:Env|Args|Params)\b/],
  ['go', /\$|:=|`|\|/],
];

/** What is between braces further apart is no action that a person wrote. */
const LONGEST_ACTION = 2_000;

/** Handlebars, unless more of the template's actions look like Go's; `null` for a text without any. */
export function dialectOf(template: string): DialectGuess | null {
  if (!template.includes('{{')) return null;
  const override = OVERRIDE.exec(template)?.[1]?.toLowerCase();
  if (override === 'go' || override === 'handlebars') return { dialect: override, isCertain: true };
  const signs = { go: 0, handlebars: 0 };
  for (const action of actionsOf(template)) {
    const sign = SIGNS.find(([, pattern]) => pattern.test(action));
    if (sign !== undefined) signs[sign[0]] += 1;
  }
  return { dialect: signs.go > signs.handlebars ? 'go' : 'handlebars', isCertain: (signs.go === 0) !== (signs.handlebars === 0) };
}

/** What stands between braces, without trim marks, and without what is in quotes, which says nothing about the language around it. */
function* actionsOf(template: string): Generator<string> {
  for (let open = template.indexOf('{{'); open !== -1; ) {
    const close = template.indexOf('}}', open);
    if (close === -1) return;
    const action = template.slice(open + 2, Math.min(close, open + LONGEST_ACTION));
    yield action
      .replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""')
      .replace(/^(?:-\s|~)?\s*/, '')
      .replace(/\s*(?:\s-|~)?$/, '');
    open = template.indexOf('{{', close);
  }
}
