import { describe, expect, it, vi } from 'vitest';
import { CHAPTERS } from '../../../src/jobfile/functions/library.ts';
import type { TemplateFunction } from '../../../src/jobfile/template/function.ts';
import { renderText } from '../support/render-text.ts';
import { CASES } from './cases/all.ts';
import type { Case } from './cases/case.ts';

// Functions that show a time without being told where show it as clocks here do.
vi.stubEnv('TZ', 'UTC');

/** `and` and `or` belong to the evaluator: they leave out what they need not know. */
const OPERATORS: Readonly<Record<string, string>> = { and: '`and value…`', or: '`or value…`' };

const namesIn = (chapter: string): readonly string[] => [
  ...Object.keys(CHAPTERS[chapter] ?? {}),
  ...(chapter === 'Built into Go templates' ? Object.keys(OPERATORS) : []),
];

describe.each(Object.entries(CASES))('functions, %s:', (chapter, cases) => {
  it('each has several cases', () => {
    expect(new Set(Object.keys(cases))).toEqual(new Set(namesIn(chapter)));
    for (const [name, list] of Object.entries(cases)) expect(list.length, name).toBeGreaterThan(1);
  });

  const all = Object.values(cases).flat().map(asObject);

  it.each(all)('$expression → $prints', async ({ expression, prints, message }) => {
    const rendered = await renderText(`{{ ${expression} }}`, { dialect: 'go' });
    if (message === undefined) expect(rendered).toBe(prints);
    else expect(withoutPlace(rendered)).toBe(message);
  });

  it.each(all.filter(isSameInHandlebars))('$expression → $prints, in Handlebars', async ({ expression, prints, message }) => {
    const rendered = await renderText(`{{ printf "%v" (${expression.replaceAll(/\bnil\b/g, 'null')}) }}`, {
      dialect: 'handlebars',
    });
    if (message === undefined) expect(rendered).toBe(prints.replace('<no value>', '<nil>'));
    else expect(withoutPlace(rendered)).toBe(message);
  });
});

const asObject = ([expression, prints, message]: Case) => ({ expression, prints, message });

/** Handlebars' texts have no escapes but for quotes, line ends and tabs; its numbers have no exponents. */
const isSameInHandlebars = ({ expression }: { readonly expression: string }): boolean => !/\\[^"nt]|\de\d/.test(expression);

const withoutPlace = (problem: string): string => (problem.split('\n')[0] ?? '').replace(/^job\.yaml:\d+:\d+: /, '');

it('the table of all functions is what these cases say', async () => {
  await expect(table()).toMatchFileSnapshot('../../../src/jobfile/functions/README.md');
});

function table(): string {
  const chapters = Object.entries(CASES).map(([chapter, cases]) => {
    const rows = Object.entries(cases).map(([name, list]) => row(chapter, name, list));
    return `## ${chapter}\n\n| call | for example | gives |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `${INTRODUCTION}\n${chapters.join('\n')}`;
}

const INTRODUCTION = `# The functions of a jobfile's template

Those of [slim-sprig](https://go-task.github.io/slim-sprig/) under their names, with its argument orders and results, those of
Go's templates, and \`error\`, \`exec\` and \`shell\`. Both dialects call them alike: \`{{ upper "x" }}\`, \`{{ join "," (list 1 2) }}\`; Go's
can also write \`{{ list 1 2 | join "," }}\`. A chapter is a file here; each row is a case of \`spec/jobfile/functions\`, which writes
this table: \`vitest run --config spec/vitest.config.ts --project specs spec/jobfile/functions -u\`.

Where slim-sprig hides a mistake, it is one here: a regular expression that RE2 refuses, a text that is no base64 or base32.
Times are this machine's unless a function takes a zone. Lengths and positions count bytes, as in Go.
`;

/** The first two cases that work; a function that only fails shows how. */
function row(chapter: string, name: string, cases: readonly Case[]): string {
  const works = cases.filter(([, , message]) => message === undefined).slice(0, 2);
  const shown = works.length > 0 ? works : cases.slice(0, 1);
  const examples = shown.map(([expression]) => code(expression)).join('<br>');
  const results = shown.map(([, prints, message]) => (message === undefined ? code(prints) : `stops: ${message}`)).join('<br>');
  return `| ${signature(chapter, name)} | ${examples} | ${results} |`;
}

function signature(chapter: string, name: string): string {
  const to: TemplateFunction | undefined = CHAPTERS[chapter]?.[name];
  if (to === undefined) return OPERATORS[name] ?? name;
  const parameters = [...to.parameters.map(parameter => parameter.name), ...(to.rest === null ? [] : [`${to.rest.name}…`])];
  return code([name, ...parameters.map(parameter => parameter.replaceAll(' ', '-'))].join(' '));
}

/** As code in a table's cell: one line, bars escaped. */
function code(text: string): string {
  if (text === '') return 'nothing';
  const inLine = text.replaceAll('\n', '⏎').replaceAll('|', '\\|');
  return inLine.includes('`') ? `\`\` ${inLine} \`\`` : `\`${inLine}\``;
}
