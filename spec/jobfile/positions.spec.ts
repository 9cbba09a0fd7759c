/** A problem in generated text names the template line that made it. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sourceText } from '../../src/jobfile/source-text.ts';
import { render } from '../../src/jobfile/template/render.ts';
import { HEAD, jobfileFolder } from './support/jobfile-folder.ts';

const problemsOf = async (jobfile: string): Promise<string> => {
  await using folder = await jobfileFolder();
  return await folder.problemsOf(jobfile, { params: { slots: 'many', name: 'My Task' } });
};

it('what an expression made is shown at the expression, with the line that it made', async () => {
  expect(
    await problemsOf(`${HEAD}tasks:\n  - {name: wide, slots: {{ .Params.slots }}}\n`.replace('}}}', '}} }')),
  ).toMatchInlineSnapshot(`
    "/folder/job.yaml:6:25: \`tasks[0].slots\` is "many"
       6 |   - {name: wide, slots: {{ .Params.slots }} }
         |                         ^^^^^^^^^^^^^^^^^^^
         = the template made: - {name: wide, slots: many }
         = expected a whole number"
  `);
});

it('text around expressions keeps its own place', async () => {
  expect(await problemsOf(`${HEAD}tasks:\n  - {name: "{{ .Params.slots }}", slotz: 2}\n`)).toMatchInlineSnapshot(`
    "/folder/job.yaml:6:35: unknown key \`slotz\`
       6 |   - {name: "{{ .Params.slots }}", slotz: 2}
         |                                   ^^^^^
         = the template made: - {name: "many", slotz: 2}
         = expected one of name, slots
         = did you mean \`slots\`?"
  `);
});

it('each round of a loop points at the one line that made it', async () => {
  expect(
    await problemsOf(`${HEAD}tasks:\n{{- range list "lint" "lint" "Test" }}\n  - {{ . }}\n{{- end }}\n`),
  ).toMatchInlineSnapshot(`
    "/folder/job.yaml:7:5: \`tasks[1]\` has the name of \`tasks[0]\`: lint
       7 |   - {{ . }}
         |     ^^^^^^^
         = the template made: - lint
         = expected a name for each task

    /folder/job.yaml:7:5: \`tasks[2]\` can't be "Test"
       7 |   - {{ . }}
         |     ^^^^^^^
         = the template made: - Test
         = expected a small letter or a digit, then one or more of a-z, 0-9, _ and -"
  `);
});

it('lines after a loop are where the author sees them, not where they came out', async () => {
  expect(
    await problemsOf(`${HEAD}tasks:\n{{#each (until 100)}}\n  - task-{{this}}\n{{/each}}\nabot: x\n`),
  ).toMatchInlineSnapshot(`
    "/folder/job.yaml:9:1: unknown key \`abot\`
       9 | abot: x
         | ^^^^
         = expected one of version, name, about, steps, env, secrets, services, tasks
         = did you mean \`about\`?"
  `);
});

it('text of a partial is where the partial is written', async () => {
  expect(
    await problemsOf(`{{#*inline "task"}}\n- name: {{ this }}\n  slotz: 1\n{{/inline}}\n${HEAD}tasks:\n  {{> task "lint"}}\n`),
  ).toMatchInlineSnapshot(`
    "/folder/job.yaml:3:3: unknown key \`slotz\`
       3 |   slotz: 1
         |   ^^^^^
         = the template made: slotz: 1
         = expected one of name, slots
         = did you mean \`slots\`?"
  `);
});

it('broken YAML from an expression is shown at the expression', async () => {
  expect(await problemsOf(`${HEAD}about: {{ "a: b" }}\ntasks: [lint]\n`)).toMatchInlineSnapshot(`
    "/folder/job.yaml:5:8: not valid YAML: nested mappings are not allowed in compact mappings
       5 | about: {{ "a: b" }}
         |        ^^^^^^^^^^^^
         = the template made: about: a: b"
  `);
});

it('every piece of the output that was text is found again in the template', async () => {
  const fragments = fc.constantFrom(
    'a: 1\n',
    '  - x\n',
    '\r\n',
    ' ',
    'é',
    '{{#each Args}}\n',
    '{{/each}}\n',
    '{{~#if Args~}} ',
    ' {{/if}}',
    '{{! c }}\n',
    '\\{{raw}}',
    '{{this}}',
    '{{#*inline "p"}}\n- in\n{{/inline}}\n',
    '  {{> p}}\n',
    '{{range .Args}}\n',
    '{{- end}}\n',
    '{{end -}} ',
    '{{/* c */}}',
    '{{.}}',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fragments, { maxLength: 12 }), async parts => {
      const template = sourceText('job.yaml', parts.join(''));
      const data = { args: ['x', 'y'], params: {}, env: {}, folder: '/', signal: new AbortController().signal };
      const stage = await render(template, data);
      if (!stage.ok) return;
      const { output, pieces } = stage.value;
      for (const [index, { start, from, verbatim }] of pieces.entries()) {
        if (!verbatim) continue;
        const text = output.text.slice(start, pieces[index + 1]?.start);
        expect(template.text.slice(from.start, from.start + text.length)).toBe(text);
      }
    }),
    { numRuns: 500 },
  );
});
