/** Handlebars: against the library itself where it has an answer, and what is Alfred's own. */
import Handlebars from 'handlebars';
import { describe, expect, it } from 'vitest';
import { renderText } from '../support/render-text.ts';

const DATA = { args: ['one', 'two'], params: { k: 'v' }, env: { HOME: '/root', EMPTY: '' } };

/** As the library renders it, with functions for lists and dicts. */
const library = Handlebars.create();
library.registerHelper('list', (...args: unknown[]) => args.slice(0, -1));
library.registerHelper('dict', (...args: unknown[]) =>
  Object.fromEntries(Array.from({ length: (args.length - 1) / 2 }, (_, index) => [args[2 * index], args[2 * index + 1]])),
);
library.registerHelper('upper', (text: string) => text.toUpperCase());
library.registerHelper('eq', (a: unknown, b: unknown) => a === b);

const asLibrary = (template: string): string =>
  library.compile(template, { noEscape: true })({ Args: DATA.args, Params: DATA.params, Env: DATA.env });

it.each([
  'a {{Params.k}} {{{Params.k}}} {{&Params.k}} {{Env.NOPE}}|{{Args}}|{{Args.[0]}}|{{Args.length}}|{{Params.k.x}}',
  '{{#each Args}}{{@index}}={{this}}{{@first}}{{@last}}{{#unless @last}},{{/unless}}{{/each}}',
  '{{#each Env}}{{@key}}={{.}};{{@index}}{{/each}}',
  '{{#each Args as |a i|}}{{i}}{{a}}{{@root.Params.k}}{{../Params.k}}{{/each}}',
  '{{#each (list (dict "n" "a" "m" (list 1 2)) (dict "n" "b"))}}{{n}}{{#each m}}{{this}}{{../n}}{{@../index}}{{/each}}{{#if m}}yes{{else}}no{{/if}}{{/each}}',
  '{{#if Params.k}}a{{else if Env.HOME}}b{{else}}c{{/if}}{{#if Env.EMPTY}}x{{else if Env.HOME}}b{{else}}c{{/if}}',
  '{{#if 0}}0{{/if}}{{#if 0 includeZero=true}}z{{/if}}{{#unless Env.EMPTY}}u{{else}}v{{/unless}}',
  '{{#with Params}}{{k}}{{../Args.[0]}}{{else}}none{{/with}}{{#with Env.EMPTY}}x{{else}}none{{/with}}{{#with Params as |p|}}{{p.k}}{{/with}}',
  'x\n  {{#if Params.k}}\n    y\n  {{/if}}\nz\n{{#each Args}}\n  - {{this}}\n{{/each}}\nend',
  'x\n  {{~#if Params.k~}}\n    y\n  {{~/if}}\nz {{~ Params.k ~}}  w',
  '{{! c }}a{{!-- {{x}} --}}b\n{{! a line of its own }}\nc',
  '\\{{as it is}} \\\\{{Params.k}}',
  '{{#*inline "row"}}[{{this}}]{{/inline}}{{> row Args.[0]}}{{#each Args}}{{> row}}{{/each}}',
  '{{#*inline "pair"}}{{k}}{{y}}{{/inline}}{{> pair Params y="Y"}}',
  'a:\n  {{#*inline "block"}}\n- x\n\n- y\n  {{/inline}}\n  {{> block}}\nb',
  '{{#*inline "in"}}\ni\n{{/inline}}\n{{#*inline "out"}}\no\n  {{> in}}\n{{/inline}}\nx:\n  {{> out}}\nend',
  '{{#> nope}}default {{Params.k}}{{/nope}}{{#*inline "layout"}}<{{> @partial-block}}>{{/inline}}{{#> layout}}in {{Params.k}}{{/layout}}',
  '{{#Args}}{{this}}{{/Args}}{{^Args}}none{{/Args}}{{#Params}}{{k}}{{/Params}}{{#Env.NOPE}}x{{^}}y{{/Env.NOPE}}',
  '{{lookup Args 1}}{{lookup Params "k"}}{{lookup Args 9}}|{{lookup Params "zz"}}',
  '{{upper Params.k}} {{upper (lookup Args 0)}} {{#if (eq Params.k "v")}}eq{{/if}}',
  '{{#each (list)}}x{{else}}empty{{/each}}{{#each Env.NOPE}}x{{else}}empty{{/each}}',
  '{{#each Args}}{{#each ../Params}}{{@key}}{{this}}{{@../index}} {{/each}}{{/each}}',
  '{{list 1 (list 2 3)}}|{{list true null 1.5}}',
  '{{#with (dict "this" 5 "a" (dict "b" 6))}}{{this.a.b}} {{./a.b}} {{a/b}} {{[a].[b]}} {{this.[a].b}}{{/with}}',
  '{{#each Args~}}\n   {{this}}\n{{~/each}}',
  '{{#if Params.k}}\r\n  crlf\r\n{{/if}}\r\nx',
  '{{#if (eq "a" "b")}}x{{else}}y{{/if}}',
  '<&"\'> {{list "<&\\"\'>"}}',
])('renders like Handlebars: %s', async template => {
  expect(await renderText(template, { ...DATA, dialect: 'handlebars' })).toBe(asLibrary(template));
});

describe("Alfred's own:", () => {
  it.each([
    [
      'calls of functions as blocks',
      '{{#eq Params.k "v"}}yes{{else}}no{{/eq}} {{#splitList "," "a,b"}}{{this}};{{/splitList}}',
      'yes a;b;',
    ],
    ['and, or, not', '{{#if (and Params.k (or Env.EMPTY Args))}}yes{{/if}}{{#if (not Env.EMPTY)}}yes{{/if}}', 'yesyes'],
    ['nothing is an empty text for functions', '{{upper Env.NOPE}}|{{default "x" Env.NOPE}}', '|x'],
    ['functions without arguments', '{{hello}} {{kindOf (now)}} {{kindOf now}}', 'Hello! struct struct'],
    [
      'line ends and tabs in texts',
      '{{splitList "\\n" "a\\nb"}}{{"\\t"}}|{{regexReplaceAll "\\\\n" "x\\\\ny" "-"}}',
      'a,b\t|x\\-y',
    ],
    ['data before functions', '{{#with (dict "title" "mine")}}{{title}}{{/with}}', 'mine'],
    ['text that is left alone', '{{{{raw}}}}{{ .Env.X }}{{{{/raw}}}}', '{{ .Env.X }}'],
    ['methods of times', '{{#with (toDate "2006-01-02" "2024-02-29") as |t|}}{{t.Year}} {{t.Format "Jan"}}{{/with}}', '2024 Feb'],
    ['integers of 64 bits', '{{add 9223372036854775806 1}}', '9223372036854775807'],
    [
      'the context of the caller, equal or not',
      '{{#each Args}}{{#each ../Args}}{{../this}}{{this}} {{/each}}{{/each}}',
      'oneone onetwo twoone twotwo ',
    ],
    ['log is silent', 'a{{log "x"}}b', 'ab'],
  ])('%s', async (_, template, prints) => {
    expect(await renderText(template, { ...DATA, dialect: 'handlebars' })).toBe(prints);
  });
});

describe('is told what is wrong, and where', () => {
  it.each([
    '{{#if Params.k}}x',
    '{{/if}}',
    '{{#if Params.k}}a{{/each}}',
    '{{else}}',
    '{{ Params.k | upper }}',
    '{{ "abc }}',
    '{{ .Foo }}',
    '{{ upper (lower "x" }}',
    '{{ }}',
    '{{ Args.0 }}',
    '{{ foo/../bar }}',
    'first line\n  {{ Prams.k }} {{ upper Env.X }} {{ uper "x" }}',
    '{{#each Args}}{{ Params.k }}{{/each}}',
    '{{ @index }} {{#each Args}}{{ @indx }}{{/each}}',
    '{{ ../x }}',
    '{{> nope}}',
    '{{#each}}x{{/each}}',
    '{{#each "abc"}}x{{/each}}',
    '{{ upper "a" x=1 }}',
    '{{#*inline "a"}}{{/inline}}{{#*inline "a"}}{{/inline}}',
    '{{#*other "a"}}{{/other}}',
    '{{ Params.k "x" }}',
    '{{ replace "a" }}',
    '{{ (Params.k) }}',
    '{{#unlesss Params.k}}{{/unlesss}}',
  ])('%s', async template => {
    expect(await renderText(template, { ...DATA, dialect: 'handlebars' })).toMatchSnapshot();
  });
});
