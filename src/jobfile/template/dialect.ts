/** Which language a jobfile's template is written in, told by its first line or by its syntax. */

export type Dialect = 'handlebars' | 'go';

/** `# template: go` anywhere in the first line, when that is a comment. */
const OVERRIDE = /^#.*\btemplate:\s*(go|handlebars)\b/i;

/** What only one of the two would write between braces. Comments and trim marks in front are gone already. */
const SIGNS: readonly (readonly [Dialect, RegExp])[] = [
  ['handlebars', /^[#^>&!{~]/],
  ['handlebars', /^\/(?!\*)/],
  ['handlebars', /~$/],
  ['handlebars', /^(?:else\s+)?(?:this\b|@)|[\s(](?:this\b|@(?:root|index|key|first|last)\b)|\.\.\//],
  ['handlebars', /^[A-Za-z]\w*\.[A-Za-z[]/],
  ['handlebars', /\sas\s+\|/],
  ['go', /^\/\*/],
  ['go', /^(?:if|else\s+if|with|range|define|template|block|end|break|continue)\b/],
  ['go', /(?:^|[\s(])\.(?:[A-Za-z_]|$|[\s)])/],
  ['go', /\$[\w.]*|:=|`/],
  ['go', /\s\|\s/],
];

/** Handlebars, unless more of the template's actions look like Go's; `null` for a text without any. */
export function dialectOf(template: string): Dialect | null {
  if (!template.includes('{{')) return null;
  const override = OVERRIDE.exec(template)?.[1]?.toLowerCase();
  if (override === 'go' || override === 'handlebars') return override;
  let balance = 0;
  for (const [, action = ''] of template.matchAll(/\{\{(?:-\s)?\s*((?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^"`])*?)\s*(?:\s-)?\}\}/g)) {
    const sign = SIGNS.find(([, pattern]) => pattern.test(withoutTexts(action)));
    if (sign !== undefined) balance += sign[0] === 'go' ? 1 : -1;
  }
  return balance > 0 ? 'go' : 'handlebars';
}

/** What stands in quotes says nothing about the language around it. */
const withoutTexts = (action: string): string => action.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
