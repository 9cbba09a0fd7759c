import { expect, it } from 'vitest';
import { dialectOf } from '../../../src/jobfile/template/dialect.ts';
import { renderText } from '../support/render-text.ts';

it.each([
  '{{ .Env.HOME }}',
  '{{.}}',
  '{{- range .Args }}x{{ end -}}',
  '{{ if eq 1 1 }}x{{ else if true }}y{{ else }}z{{ end }}',
  '{{/* a comment */}}',
  '{{ $x := 1 }}',
  '{{ "a" | upper }}',
  '{{ printf `%s` "x" }}',
  '{{ define "x" }}{{ end }}',
  '{{ index .Args 0 }}',
  '{{ upper (index .Args 0) }}',
])('takes %s for Go', template => expect(dialectOf(template)).toEqual({ dialect: 'go', isCertain: true }));

it.each([
  '{{ Env.HOME }}',
  '{{#each Args}}{{this}}{{/each}}',
  '{{#if Params.x}}a{{else if Env.Y}}b{{else}}c{{/if}}',
  '{{! a comment }}',
  '{{!-- {{ .Env.X }} --}}',
  '{{{Params.x}}}',
  '{{~#each (until 3)~}}{{@index}}{{/each}}',
  '{{> row}}',
  '{{#with Params as |p|}}{{p.x}}{{/with}}',
  '{{lookup Args 0}}',
  '{{ upper ../name }}',
])('takes %s for Handlebars', template => expect(dialectOf(template)?.dialect).toBe('handlebars'));

it('takes for Handlebars what both would write, since it means the same in both', () => {
  expect(dialectOf('{{ default "a" (env "X") }}')).toEqual({ dialect: 'handlebars', isCertain: false });
});

it('goes by what most of the actions look like', () => {
  expect(dialectOf('{{#each Args}}{{this}}{{/each}} # was {{ .Args }}')).toEqual({ dialect: 'handlebars', isCertain: false });
  expect(dialectOf('{{ range .Args }}{{ . }}{{ end }} # was {{#each}}')).toEqual({ dialect: 'go', isCertain: false });
});

it('is not misled by what stands in quotes', () => {
  expect(dialectOf(`{{#if (eq "{{ .x }}" "$|")}}{{/if}}`)?.dialect).toBe('handlebars');
});

it.each([
  ['# template: go\n{{ Env.X }}', 'go'],
  ['# yaml-language-server: $schema=x  template: Handlebars\n{{ .Env.X }}', 'handlebars'],
])('believes the first line: %s', (template, dialect) => expect(dialectOf(template)).toEqual({ dialect, isCertain: true }));

it('believes only the first line, and only a comment', () => {
  expect(dialectOf('x\n# template: go\n{{ Env.X }}')?.dialect).toBe('handlebars');
  expect(dialectOf('template: go\n{{ Env.X }}')?.dialect).toBe('handlebars');
});

it('leaves a text without braces alone', async () => {
  expect(dialectOf('name: test # $x {x} }}')).toBeNull();
  expect(await renderText('# template: go\n}} as it is {')).toBe('# template: go\n}} as it is {');
});

it('says how it read the file when it was not sure and something is wrong', async () => {
  expect(await renderText('{{ range .Args }}{{ end }}{{#each}}')).toMatchInlineSnapshot(`
    "job.yaml:1:29: \`#\` means nothing in an action
       1 | {{ range .Args }}{{ end }}{{#each}}
         |                             ^
         = read as Go templates; if it is Handlebars, let the first line be: # template: handlebars"
  `);
  expect(await renderText('{{ nope 1 }}')).toMatchInlineSnapshot(`
    "job.yaml:1:4: there is no function \`nope\`
       1 | {{ nope 1 }}
         |    ^^^^
         = read as Handlebars; if these are Go templates, let the first line be: # template: go"
  `);
});
