/** A template runs commands where it says so, and reaches nothing else; whatever it does, it ends. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { renderText } from './support/render-text.ts';

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

describe('reaches no prototype:', () => {
  it.each(['constructor', '__proto__', 'valueOf', 'hasOwnProperty', 'prototype'])('%s', async name => {
    for (const data of ['.Env', '.Params', '.Args', '(dict)', '(list)', '("text")', '(1)']) {
      const go = await renderText(`{{ ${data}.${name} }}`, { dialect: 'go' });
      expect(go === '<no value>' || go.includes('has no `')).toBe(true);
    }
    const handlebars = ['Env', 'Params', 'Args', 'this.Env'].map(data => `{{${data}.${name}}}{{lookup ${data} "${name}"}}`);
    expect(await renderText(handlebars.join(''), { dialect: 'handlebars' })).toBe('');
    expect(await renderText(`{{ env "${name}" }}{{ expandenv "$${name}" }}`)).toBe('');
    expect(await renderText(`{{ index .Env "${name}" }}{{ get (dict) "${name}" }}{{ hasKey (dict) "${name}" }}`)).toBe(
      '<no value>false',
    );
    expect(firstLine(await renderText(`{{ ${name} 1 }}`, { dialect: 'go' }))).toContain(`there is no function \`${name}\``);
    expect(firstLine(await renderText(`{{ ${name} 1 }}`, { dialect: 'handlebars' }))).toContain(
      `there is no function \`${name}\``,
    );
    expect(await renderText(`{{ (fromJson "{\\"${name}\\": 1}").${name} }}`, { dialect: 'go' })).toBe('1');
    expect(await renderText(`{{ regexReplaceAll "a" "a" "[\${${name}}]" }}`, { dialect: 'go' })).toBe('[]');
  });

  it('a dict can have such keys like any other', async () => {
    expect(await renderText('{{ $d := dict "__proto__" (dict "x" 1) }}{{ $d }} {{ $d.x }} {{ toJson $d }}')).toBe(
      'map[__proto__:map[x:1]] <no value> {"__proto__":{"x":1}}',
    );
  });
});

describe('always ends:', () => {
  it.each([
    [
      'a loop in a loop in a loop',
      '{{ range until 1000 }}{{ range until 1000 }}{{ range until 1000 }}{{ end }}{{ end }}{{ end }}',
      'takes too long',
    ],
    ['a template that calls itself', '{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}', 'calls itself'],
    ['a partial that calls itself', '{{#*inline "x"}}{{> x}}{{/inline}}{{> x}}', 'calls itself'],
    ['a text of a billion characters', '{{ repeat 1000000000 "x" }}', 'takes too long'],
    ['a text that doubles', '{{ $s := "x" }}{{ range until 100 }}{{ $s = print $s $s }}{{ end }}', 'takes too long'],
    ['output without end', '{{ $s := repeat 100000 "x" }}{{ range until 1000 }}{{ $s }}{{ end }}', 'too much text'],
    ['a list of a billion', '{{ len (until 1000000000) }}', 'takes too long'],
    ['a sequence of a billion', '{{ seq 1000000000 }}', 'takes too long'],
    ['a list that doubles', '{{ $l := list 1 }}{{ range until 60 }}{{ $l = list $l $l }}{{ end }}{{ $l }}', 'takes too long'],
    ['a list as deep as a well', '{{ $l := list }}{{ range until 500 }}{{ $l = list $l }}{{ end }}{{ toJson $l }}', 'nested'],
    ['a dict that holds itself, printed', '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}', 'nested'],
    [
      'a dict that holds itself, compared',
      '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $e := dict }}{{ $_ := set $e "d" $e }}{{ deepEqual $d $e }}',
      'nested',
    ],
    [
      'a dict that holds itself, merged',
      '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $e := dict }}{{ $_ := set $e "d" $e }}{{ merge $d $e }}',
      'nested',
    ],
    [
      'a dict that grows while it is gone through',
      '{{ $d := dict "a" 1 }}{{ range $k, $v := $d }}{{ $_ := set $d (print $k "x") 1 }}{{ end }}{{ len $d }}',
      '2',
    ],
    ['an evil regular expression', '{{ regexMatch "^(a|a)*(a|aa)+$" (repeat 5000 "ab") }}', 'false'],
    ['a width of a billion', '{{ printf "%1000000000d" 1 }}', 'widths up to'],
    ['a replacement that explodes', '{{ replace "" (repeat 100000 "x") (repeat 100000 "y") }}', 'takes too long'],
    ['braces in braces', '{'.repeat(20_000), ''],
    ['parentheses in parentheses', `{{ .x | ${'('.repeat(20_000)} }}`, 'nested too deeply'],
    ['calls in calls', `{{upper ${'(upper '.repeat(2_000)}"x"${')'.repeat(2_000)}}}`, 'nested too deeply'],
    ['blocks in blocks', '{{ if true }}'.repeat(5_000), 'nested too deeply'],
    ['blocks in blocks, in Handlebars', `${'{{#if 1}}'.repeat(2_000)}${'{{/if}}'.repeat(2_000)}`, 'nested too deeply'],
  ])('%s', async (_, template, expected) => {
    expect(await renderText(template)).toContain(expected);
  });
});

describe('commands', () => {
  it("run in the jobfile's folder, with the environment that the client was given", async () => {
    expect(
      await renderText('{{ shell "pwd; echo $GREETING" }}', {
        folder: '/usr',
        env: { GREETING: 'hello', PATH: process.env.PATH },
      }),
    ).toBe('/usr\nhello');
  });

  it('run by exec need no shell and get none', async () => {
    expect(await renderText('{{ exec "echo" "$HOME;ls" "a b" }}')).toBe('$HOME;ls a b');
  });

  it('show what they wrote to stderr when they fail', async () => {
    expect(await renderText('{{ shell "echo one >&2; echo two >&2; exit 3" }}')).toMatchInlineSnapshot(`
      "job.yaml:1:1: \`shell\` ran a command that failed with exit code 3
         1 | {{ shell "echo one >&2; echo two >&2; exit 3" }}
           | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
           > one
           > two"
    `);
  });

  it('that are not there are named', async () => {
    expect(await renderText('{{ exec "no-such-program" "x" }}')).toMatchInlineSnapshot(`
      "job.yaml:1:1: \`exec\` finds no program "no-such-program"
         1 | {{ exec "no-such-program" "x" }}
           | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"
    `);
  });

  it('can be used like any value', async () => {
    expect(
      await renderText('{{ range splitList "\\n" (shell "printf \'a\\nb\\n\'") }}[{{ . }}]{{ end }}', { dialect: 'go' }),
    ).toBe('[a][b]');
    expect(
      await renderText('{{#each (splitList "\\n" (exec "printf" "a\\nb\\n"))}}[{{this}}]{{/each}}', { dialect: 'handlebars' }),
    ).toBe('[a][b]');
    expect(await renderText('{{ exec "echo" "x" | indent 2 }}', { dialect: 'go' })).toBe('  x');
  });

  it.each([
    ['end with the template, and so does what they started', 'sleep SECONDS & wait'],
    ['that do not listen are killed', "trap '' TERM; sleep SECONDS & wait; wait"],
  ])('%s', async (_, script) => {
    const controller = new AbortController();
    // A number of seconds that nobody else sleeps.
    const seconds = 86_400 + process.pid;
    const rendering = renderText(`{{ shell "${script.replace('SECONDS', String(seconds))}" }}`, { signal: controller.signal });
    const isSleeping = async (): Promise<boolean> => execFileSync('ps', ['-eo', 'args']).toString().includes(`sleep ${seconds}`);
    await until(isSleeping);
    controller.abort(new Error('Ctrl+C'));
    await expect(rendering).rejects.toThrow('Ctrl+C');
    expect(await isSleeping()).toBe(false);
  });
});

it('a template that computes for long can be interrupted', async () => {
  const controller = new AbortController();
  const rendering = renderText('{{ range until 1000 }}{{ range until 1000 }}{{ end }}{{ end }}', { signal: controller.signal });
  controller.abort(new Error('Ctrl+C'));
  await expect(rendering).rejects.toThrow('Ctrl+C');
});

it('error stops with its message and nothing else', async () => {
  expect(await renderText('{{ if not .Params.branch }}{{ error "say which branch: -p branch=NAME" }}{{ end }}')).toBe(
    'say which branch: -p branch=NAME',
  );
});
