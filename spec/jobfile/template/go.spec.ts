/** Go's template language, as its documentation has it; what is printed was compared with Go's own. */
import { describe, expect, it } from 'vitest';
import { renderText } from '../support/render-text.ts';

type Row = readonly [template: string, prints: string];

const prints = (rows: readonly Row[]) =>
  it.each(rows)('%s → %s', async (template, expected) => expect(await renderText(template, { dialect: 'go' })).toBe(expected));

describe('data', () =>
  prints([
    ['{{ .Env.HOME }}', '/root'],
    ['{{ .Env.NOPE }}', '<no value>'],
    ['{{ .Env.EMPTY }}|', '|'],
    ['{{ .Args }}', '[one two]'],
    ['{{ .Params }}', 'map[k:v]'],
    ['{{ .Params.k }}', 'v'],
    ['{{ index .Args 1 }}', 'two'],
    ['{{ len .Args }}', '2'],
    ['{{ $.Params.k }}', 'v'],
    ['{{ (dict "a" (dict "b" 1)).a.b }}', '1'],
    ['{{ (dict "a" 1).b.c }}', '<no value>'],
  ]));

describe('constants', () =>
  prints([
    ['{{ 1 }} {{ -1 }} {{ 1_000 }} {{ 0x1F }} {{ 0b11 }} {{ 0o17 }} {{ 017 }}', '1 -1 1000 31 3 15 15'],
    ["{{ 1.5 }} {{ 1e3 }} {{ .5 }} {{ 'a' }} {{ '\\n' }}", '1.5 1000 0.5 97 10'],
    ['{{ "a\\"b\\t\\x41\\u00e9\\101" }}', 'a"b\tAéA'],
    ['{{ `raw \\n "x"` }}', 'raw \\n "x"'],
    ['{{ true }} {{ false }}', 'true false'],
    ['{{ 9223372036854775807 }}', '9223372036854775807'],
    ['{{ 1e20 }} {{ 0.00001 }} {{ 123456789.0 }} {{ 1.0 }}', '1e+20 1e-05 1.23456789e+08 1'],
  ]));

describe('pipelines and calls', () =>
  prints([
    ['{{ "a" | upper }}', 'A'],
    ['{{ "x" | printf "%s-%s" "b" }}', 'b-x'],
    ['{{ list 1 2 3 | join "," | quote }}', '"1,2,3"'],
    ['{{ upper (index .Args 0 | trunc 2) }}', 'ON'],
    ['{{ (now).Year | kindOf }} {{ now.Year | kindOf }}', 'int int'],
    ['{{ (toDate "2006-01-02" "2024-02-29").Format "Jan 2, 2006" }}', 'Feb 29, 2024'],
    ['{{ and 1 0 2 }} {{ or 0 "x" }} {{ not 0 }}', '0 x true'],
    ['{{ and "" (fail "not reached") }}|{{ or "a" (fail "not reached") }}', '|a'],
    ['{{ eq 1 2 1 }} {{ eq .Env.NOPE "x" }} {{ lt (add 1 1) 3 }}', 'true false true'],
    ['{{\n  list\n    1\n    2\n}}', '[1 2]'],
  ]));

describe('variables', () =>
  prints([
    ['{{ $x := 5 }}{{ $x }}', '5'],
    ['{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}', '2'],
    ['{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}', '21'],
    ['{{ $d := dict "a" 1 }}{{ $_ := set $d "b" 2 }}{{ $d.b }}', '2'],
    ['{{ if $x := "a" }}{{ $x }}{{ end }}', 'a'],
    ['{{ if $x := 0 }}{{ else }}{{ $x }}{{ end }}', '0'],
    ['{{ with $x := "a" }}{{ $x }}{{ . }}{{ end }}', 'aa'],
  ]));

describe('if and with', () =>
  prints([
    ['{{ if .Args }}yes{{ else }}no{{ end }}', 'yes'],
    ['{{ if 0 }}a{{ else if "" }}b{{ else if 1 }}c{{ else }}d{{ end }}', 'c'],
    ['{{ if list }}a{{ end }}{{ if dict }}b{{ end }}{{ if nil | not }}c{{ end }}', 'c'],
    ['{{ with .Params }}{{ .k }}{{ $.Env.HOME }}{{ end }}', 'v/root'],
    ['{{ with .Env.NOPE }}a{{ else }}{{ .Params.k }}{{ end }}', 'v'],
    ['{{ with "" }}a{{ else with "b" }}{{ . }}{{ end }}', 'b'],
  ]));

describe('range', () =>
  prints([
    ['{{ range .Args }}{{ . }};{{ end }}', 'one;two;'],
    ['{{ range $x := .Args }}{{ $x }}{{ . }};{{ end }}', 'oneone;twotwo;'],
    ['{{ range $i, $x := .Args }}{{ $i }}={{ $x }};{{ end }}', '0=one;1=two;'],
    ['{{ range $k, $v := dict "b" 1 "a" 2 }}{{ $k }}{{ $v }}{{ end }}', 'a2b1'],
    ['{{ range 3 }}{{ . }}{{ end }}', '012'],
    ['{{ range list }}x{{ else }}none{{ end }}', 'none'],
    ['{{ range .Env.NOPE }}x{{ else }}none{{ end }}', 'none'],
    ['{{ range until 5 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ if eq . 3 }}{{ break }}{{ end }}{{ . }}{{ end }}', '02'],
    ['{{ $last := "" }}{{ range $last = .Args }}{{ end }}{{ $last }}', 'two'],
    ['{{ range .Args }}{{ range $.Args }}{{ . }}{{ end }};{{ end }}', 'onetwo;onetwo;'],
  ]));

describe('definitions', () =>
  prints([
    ['{{ define "x" }}[{{ . }}]{{ end }}{{ template "x" 5 }}{{ template "x" }}', '[5][<no value>]'],
    ['{{ template "later" .Args }}{{ define "later" }}{{ len . }}{{ end }}', '2'],
    ['{{ define "x" }}{{ $.a }}{{ end }}{{ template "x" dict "a" 1 }}', '1'],
    ['{{ block "x" 7 }}<{{ . }}>{{ end }}{{ template "x" 8 }}', '<7><8>'],
    ['{{ define "down" }}{{ . }}{{ if gt . 0 }}{{ template "down" (sub . 1) }}{{ end }}{{ end }}{{ template "down" 3 }}', '3210'],
    ['{{ $x := 1 }}{{ define "x" }}{{ $x := 2 }}{{ $x }}{{ end }}{{ template "x" }}{{ $x }}', '21'],
  ]));

describe('white space and comments', () =>
  prints([
    ['a {{- 1 -}} b', 'a1b'],
    ['a\n\t {{- "x" }} b', 'ax b'],
    ['a {{ 1 -}}\n\n b', 'a 1b'],
    ['{{ -1 }} {{- -1}}', '-1-1'],
    ['a{{/* no\n{{ end }} */}}b', 'ab'],
    ['a {{- /* trimmed */ -}} b', 'ab'],
    ['{{ "}}" }}{{ `{{` }}', '}}{{'],
  ]));

describe('is told what is wrong, and where', () => {
  const problem = (template: string) => renderText(template, { dialect: 'go' });

  it('all names that are not there at once', async () => {
    expect(await problem('{{ uper "x" }}\n{{ $y }} {{ range .Args }}{{ lenn . }}{{ end }}')).toMatchInlineSnapshot(`
      "job.yaml:2:4: there is no function \`uper\`
         2 | {{ uper "x" }}
           |    ^^^^
           = did you mean \`upper\`?

      job.yaml:3:4: there is no variable $y here
         3 | {{ $y }} {{ range .Args }}{{ lenn . }}{{ end }}
           |    ^^
           = did you mean \`$\`?

      job.yaml:3:30: there is no function \`lenn\`
         3 | {{ $y }} {{ range .Args }}{{ lenn . }}{{ end }}
           |                              ^^^^
           = did you mean \`len\`?"
    `);
  });

  it.each([
    '{{ range .Args }}x',
    '{{ end }}',
    '{{ if true }}{{ else }}{{ else }}{{ end }}',
    '{{ if }}x{{ end }}',
    '{{ }}',
    '{{ "abc',
    "{{ 'ab' }}",
    '{{ .Args | }}',
    '{{ (list 1 }}',
    '{{ list 1) }}',
    '{{ 1 2 }}',
    '{{ .Args.b"x" }}',
    '{{ 0x }}',
    '{{ "\\q" }}',
    '{{ $x = 1 }}',
    '{{ template }}',
    '{{ template "nope" }}',
    '{{ define "x" }}{{ end }}{{ define "x" }}{{ end }}',
    '{{ if 1 }}{{ define "x" }}{{ end }}{{ end }}',
    '{{ break }}',
    '{{ nil }}',
    '{{/* never ends',
    '{{/* x */ 1 }}',
    '{{ ! }}',
    '{{ .Foo }}',
    '{{ .Env.HOME.x }}',
    '{{ range "abc" }}{{ end }}',
    '{{ upper .Env.NOPE }}',
    '{{ now.Yaer }}',
  ])('%s', async template => {
    expect(await problem(template)).toMatchSnapshot();
  });
});
