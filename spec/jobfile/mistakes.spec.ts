/** Every rule that a jobfile can break: the words and the place, as the terminal shows them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { renderProblems } from '../../src/jobfile/problem.ts';
import { readJobfile } from '../../src/jobfile/read.ts';
import { HEAD, jobfileFolder, PLAIN } from './support/jobfile-folder.ts';

const problemsOf = async (jobfile: string | Uint8Array): Promise<string> => {
  await using folder = await jobfileFolder();
  return await folder.problemsOf(jobfile);
};

const problemsOfPath = async (path: string): Promise<string> => {
  const reading = await readJobfile({ path, args: [], params: {}, env: {}, signal: new AbortController().signal });
  return reading.ok ? 'none' : renderProblems(reading.problems);
};

it('a missing jobfile is one line', async () => {
  expect(await problemsOfPath('/no/such/job.yaml')).toMatchInlineSnapshot(`"/no/such/job.yaml: there is no such file"`);
});

it('a folder is no jobfile', async () => {
  expect(await problemsOfPath('/')).toMatchInlineSnapshot(`"/: is a folder, not a jobfile"`);
});

it('bytes that are no text', async () => {
  expect((await problemsOf(Uint8Array.of(0xff, 0xfe, 0x00))).replace(/^\S+/, '')).toMatchInlineSnapshot(`" is not UTF-8 text"`);
});

it('an empty file', async () => {
  expect(await problemsOf('')).toMatchInlineSnapshot(`
    "/folder/job.yaml:1:1: the jobfile is empty
       1 | 
         | ^
         = expected version, name, steps and tasks"
  `);
});

it('a file of comments', async () => {
  expect(await problemsOf('# nothing yet\n')).toMatchInlineSnapshot(`
    "/folder/job.yaml:1:1: the jobfile is empty
       1 | # nothing yet
         | ^
         = expected version, name, steps and tasks"
  `);
});

it('a file that is a list', async () => {
  expect(await problemsOf('- version: "1"\n')).toMatchInlineSnapshot(`
    "/folder/job.yaml:1:1: the jobfile is a list
       1 | - version: "1"
         | ^^^^^^^^^^^^^^
         = expected a mapping"
  `);
});

it('YAML that is none', async () => {
  expect(await problemsOf(`${HEAD}tasks: [lint\nenv: {A_B: "x}\n`)).toMatchInlineSnapshot(`
    "/folder/job.yaml:6:1: not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]
       6 | env: {A_B: "x}
         | ^

    /folder/job.yaml:7:1: not valid YAML: missing closing "quote
       7 | 
         | ^"
  `);
});

it('a tab as indentation', async () => {
  expect(await problemsOf(`${PLAIN}env:\n\tA_B: x\n`)).toMatchInlineSnapshot(`
    "/folder/job.yaml:7:1: not valid YAML: tabs are not allowed as indentation
       7 | 	A_B: x
         | ^"
  `);
});

it('a key twice', async () => {
  expect(await problemsOf(`${PLAIN}name: again\n`)).toMatchInlineSnapshot(`
    "/folder/job.yaml:6:1: the key \`name\` is there twice
       6 | name: again
         | ^^^^"
  `);
});

it('an alias of nothing', async () => {
  expect(await problemsOf(`${PLAIN}env: *nothing\n`)).toMatchInlineSnapshot(`
    "/folder/job.yaml:6:6: there is no &nothing before this *nothing
       6 | env: *nothing
         |      ^^^^^^^^"
  `);
});

it('a tag that YAML does not know', async () => {
  expect(await problemsOf(`${PLAIN}about: !secret x\n`)).toMatchInlineSnapshot(`
    "/folder/job.yaml:6:8: not valid YAML: unresolved tag: !secret
       6 | about: !secret x
         |        ^^^^^^^"
  `);
});

it('an alias inside of what it stands for', async () => {
  expect(await problemsOf(`${PLAIN}env: &env {A_B: *env}\n`)).toMatchInlineSnapshot(`
    "/folder/job.yaml:6:17: *env stands inside of what it stands for
       6 | env: &env {A_B: *env}
         |                 ^^^^"
  `);
});

it('aliases that multiply are looked at once each', async () => {
  const levels = Array.from({ length: 20 }, (_, level) =>
    `  L${level + 1}: [*l${level}, *l${level}]`.replace(':', `: &l${level + 1}`),
  );
  expect(await problemsOf(`env:\n  L0: &l0 [x, x]\n${levels.join('\n')}\n`)).toContain('`env.L20` is a list');
});

it('brackets without end', async () => {
  expect(await problemsOf('['.repeat(100_000))).toMatchInlineSnapshot(`
    "/folder/job.yaml:1:1: not valid YAML: nested too deeply
       1 | [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…
         | ^"
  `);
});

it('a merge of what is no mapping', async () => {
  expect(await problemsOf(`${PLAIN}env: {<<: [1]}\n`)).toMatchInlineSnapshot(`
    "/folder/job.yaml:6:7: \`<<\` merges mappings
       6 | env: {<<: [1]}
         |       ^^
         = expected an alias of a mapping, or a list of them"
  `);
});

it('a mapping as a key', async () => {
  expect(await problemsOf(`${PLAIN}env: {{a: 1}: 2}\n`.replace('{{', '{ {'))).toMatchInlineSnapshot(`
    "/folder/job.yaml:6:8: this can be no key
       6 | env: { {a: 1}: 2}
         |        ^^^^^^
         = expected a plain text"
  `);
});

it('another version', async () => {
  expect(await problemsOf(PLAIN.replace('"1"', '"2"'))).toMatchInlineSnapshot(`
    "/folder/job.yaml:1:10: \`version\` is "2"
       1 | version: "2"
         |          ^^^
         = expected "1""
  `);
});

it('no version, no name, no steps and no tasks', async () => {
  expect(await problemsOf('about: nothing else\n')).toMatchInlineSnapshot(`
    "/folder/job.yaml:1:1: \`version\` is missing
       1 | about: nothing else
         | ^
         = expected "1"

    /folder/job.yaml:1:1: \`name\` is missing
       1 | about: nothing else
         | ^
         = expected a text

    /folder/job.yaml:1:1: \`steps\` is missing
       1 | about: nothing else
         | ^
         = expected a list

    /folder/job.yaml:1:1: \`tasks\` is missing
       1 | about: nothing else
         | ^
         = expected a list"
  `);
});

it('empty lists of steps and tasks', async () => {
  expect(await problemsOf('version: "1"\nname: test\nsteps: []\ntasks: []\n')).toMatchInlineSnapshot(`
    "/folder/job.yaml:3:1: \`steps\` is empty
       3 | steps: []
         | ^^^^^
         = expected at least one

    /folder/job.yaml:4:1: \`tasks\` is empty
       4 | tasks: []
         | ^^^^^
         = expected at least one"
  `);
});

it('steps and tasks with nothing behind them', async () => {
  expect(await problemsOf('version: "1"\nname: test\nsteps:\ntasks:\n')).toMatchInlineSnapshot(`
    "/folder/job.yaml:3:7: \`steps\` is empty
       3 | steps:
         |       ^
         = expected a list

    /folder/job.yaml:4:7: \`tasks\` is empty
       4 | tasks:
         |       ^
         = expected a list"
  `);
});

it('a misspelt key is one mistake, with the nearest known one', async () => {
  expect(await problemsOf(PLAIN.replace('name:', 'nmae:'))).toMatchInlineSnapshot(`
    "/folder/job.yaml:2:1: unknown key \`nmae\`
       2 | nmae: test
         | ^^^^
         = expected one of version, name, about, steps, env, secrets, services, tasks
         = did you mean \`name\`?"
  `);
});

it('an unknown key that is like none', async () => {
  expect(await problemsOf(`${PLAIN}retention: 3d\n`)).toMatchInlineSnapshot(`
    "/folder/job.yaml:6:1: unknown key \`retention\`
       6 | retention: 3d
         | ^^^^^^^^^
         = expected one of version, name, about, steps, env, secrets, services, tasks"
  `);
});

it('a name that is none', async () => {
  expect(await problemsOf(PLAIN.replace('test', 'My Job'))).toMatchInlineSnapshot(`
    "/folder/job.yaml:2:7: \`name\` can't be "My Job"
       2 | name: My Job
         |       ^^^^^^
         = expected a small letter, then one or more of a-z, 0-9, _ and -"
  `);
});

it('texts that are lists or mappings', async () => {
  expect(await problemsOf(`${PLAIN}about: [a]\nenv: {A_B: {c: d}}\n`)).toMatchInlineSnapshot(`
    "/folder/job.yaml:6:8: \`about\` is a list
       6 | about: [a]
         |        ^^^
         = expected a text

    /folder/job.yaml:7:12: \`env.A_B\` is a mapping
       7 | env: {A_B: {c: d}}
         |            ^^^^^^
         = expected a text"
  `);
});

it('keys of env and secrets, and names of secrets', async () => {
  expect(await problemsOf(`${PLAIN}env: {path: x, A: y}\nsecrets: {TOKEN: ../x, token: t}\n`)).toMatchInlineSnapshot(`
    "/folder/job.yaml:6:7: \`env.path\` can't be called so
       6 | env: {path: x, A: y}
         |       ^^^^
         = expected a capital letter, then one or more of A-Z, 0-9 and _

    /folder/job.yaml:6:16: \`env.A\` can't be called so
       6 | env: {path: x, A: y}
         |                ^
         = expected a capital letter, then one or more of A-Z, 0-9 and _

    /folder/job.yaml:7:18: \`secrets.TOKEN\` can't be "../x"
       7 | secrets: {TOKEN: ../x, token: t}
         |                  ^^^^
         = expected letters, digits, ., _ and -, beginning with a letter, a digit or _

    /folder/job.yaml:7:24: \`secrets.token\` can't be called so
       7 | secrets: {TOKEN: ../x, token: t}
         |                        ^^^^^
         = expected a capital letter, then one or more of A-Z, 0-9 and _"
  `);
});

it('a step that lacks its Dockerfile or its context', async () => {
  expect(
    await problemsOf(
      'version: "1"\nname: test\nsteps:\n  - context: .\n  - dockerfile: Dockerfile\n  - ~\n  - Dockerfile\ntasks: [lint]\n',
    ),
  ).toMatchInlineSnapshot(`
    "/folder/job.yaml:4:5: \`dockerfile\` is missing in \`steps[0]\`
       4 |   - context: .
         |     ^
         = expected a text

    /folder/job.yaml:5:5: \`context\` is missing in \`steps[1]\`
       5 |   - dockerfile: Dockerfile
         |     ^
         = expected a text

    /folder/job.yaml:6:5: \`steps[2]\` is empty
       6 |   - ~
         |     ^
         = expected a mapping

    /folder/job.yaml:7:5: \`steps[3]\` is "Dockerfile"
       7 |   - Dockerfile
         |     ^^^^^^^^^^
         = expected a mapping"
  `);
});

it('a Dockerfile and a context that are not there, or the wrong way round', async () => {
  expect(
    await problemsOf(
      'version: "1"\nname: test\nsteps:\n  - {dockerfile: Dockerfil, context: nowhere}\n  - {dockerfile: docker, context: Dockerfile}\n  - {dockerfile: "", context: ""}\ntasks: [lint]\n',
    ),
  ).toMatchInlineSnapshot(`
    "/folder/job.yaml:4:18: /folder/Dockerfil does not exist
       4 |   - {dockerfile: Dockerfil, context: nowhere}
         |                  ^^^^^^^^^
         = expected a file, relative to the jobfile's folder

    /folder/job.yaml:4:38: /folder/nowhere does not exist
       4 |   - {dockerfile: Dockerfil, context: nowhere}
         |                                      ^^^^^^^
         = expected a folder, relative to the jobfile's folder

    /folder/job.yaml:5:18: /folder/docker is a folder
       5 |   - {dockerfile: docker, context: Dockerfile}
         |                  ^^^^^^
         = expected a file

    /folder/job.yaml:5:35: /folder/Dockerfile is a file
       5 |   - {dockerfile: docker, context: Dockerfile}
         |                                   ^^^^^^^^^^
         = expected a folder

    /folder/job.yaml:6:6: \`steps[2].dockerfile\` is empty
       6 |   - {dockerfile: "", context: ""}
         |      ^^^^^^^^^^
         = expected a path

    /folder/job.yaml:6:22: \`steps[2].context\` is empty
       6 |   - {dockerfile: "", context: ""}
         |                      ^^^^^^^
         = expected a path"
  `);
});

it('options that are one text', async () => {
  expect(await problemsOf(PLAIN.replace('context: .', 'context: ., options: --no-cache'))).toMatchInlineSnapshot(`
    "/folder/job.yaml:4:51: \`steps[0].options\` is "--no-cache"
       4 |   - {dockerfile: Dockerfile, context: ., options: --no-cache}
         |                                                   ^^^^^^^^^^
         = expected a list"
  `);
});

it('services: names, images, tmpfs, health', async () => {
  expect(
    await problemsOf(`${PLAIN}services:
  DB: {image: postgres}
  db: {}
  cache: {image: "redis 7", tmpfs: [data], command: redis-server}
  mq: {image: mq, health: {timeout: 5, interval: soon, retries: 0}}
  web: {image: web, health: {cmd: [], retries: many}}
  x1:
  list: [a]
`),
  ).toMatchInlineSnapshot(`
    "/folder/job.yaml:7:3: \`services.DB\` can't be called so
       7 |   DB: {image: postgres}
         |   ^^
         = expected a small letter, then one or more of a-z, 0-9, _ and -

    /folder/job.yaml:8:3: \`image\` is missing in \`services.db\`
       8 |   db: {}
         |   ^^
         = expected a text

    /folder/job.yaml:9:18: \`services.cache.image\` can't be "redis 7"
       9 |   cache: {image: "redis 7", tmpfs: [data], command: redis-server}
         |                  ^^^^^^^^^
         = expected a text without spaces

    /folder/job.yaml:9:37: \`services.cache.tmpfs[0]\` can't be "data"
       9 |   cache: {image: "redis 7", tmpfs: [data], command: redis-server}
         |                                     ^^^^
         = expected an absolute path in the container, maybe with options: /tmp or /tmp:size=64m

    /folder/job.yaml:9:53: \`services.cache.command\` is "redis-server"
       9 |   cache: {image: "redis 7", tmpfs: [data], command: redis-server}
         |                                                     ^^^^^^^^^^^^
         = expected a list

    /folder/job.yaml:10:19: \`cmd\` is missing in \`services.mq.health\`
      10 |   mq: {image: mq, health: {timeout: 5, interval: soon, retries: 0}}
         |                   ^^^^^^
         = expected a text or a list

    /folder/job.yaml:10:37: "5" is no duration: write numbers with units (h, m, s, ms, us, ns), like 1h30m or 500ms
      10 |   mq: {image: mq, health: {timeout: 5, interval: soon, retries: 0}}
         |                                     ^

    /folder/job.yaml:10:50: "soon" is no duration: write numbers with units (h, m, s, ms, us, ns), like 1h30m or 500ms
      10 |   mq: {image: mq, health: {timeout: 5, interval: soon, retries: 0}}
         |                                                  ^^^^

    /folder/job.yaml:10:65: \`services.mq.health.retries\` is 0
      10 |   mq: {image: mq, health: {timeout: 5, interval: soon, retries: 0}}
         |                                                                 ^
         = expected 1 or more

    /folder/job.yaml:11:30: \`services.web.health.cmd\` is empty
      11 |   web: {image: web, health: {cmd: [], retries: many}}
         |                              ^^^
         = expected at least one

    /folder/job.yaml:11:48: \`services.web.health.retries\` is "many"
      11 |   web: {image: web, health: {cmd: [], retries: many}}
         |                                                ^^^^
         = expected a whole number

    /folder/job.yaml:12:6: \`services.x1\` is empty
      12 |   x1:
         |      ^
         = expected a mapping

    /folder/job.yaml:13:9: \`services.list\` is a list
      13 |   list: [a]
         |         ^^^
         = expected a mapping"
  `);
});

it('services as a list', async () => {
  expect(await problemsOf(`${PLAIN}services: [{name: db, image: postgres}]\n`)).toMatchInlineSnapshot(`
    "/folder/job.yaml:6:11: \`services\` is a list
       6 | services: [{name: db, image: postgres}]
         |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
         = expected a mapping"
  `);
});

it('tasks: names, slots, forms', async () => {
  expect(
    await problemsOf(`${HEAD}tasks:
  - a
  - Lint
  - {name: unit, slots: -1}
  - {name: e2e, slots: 1.5}
  - {name: wide, slots: two}
  - {slots: 2}
  - {nam: docs}
  - [x]
  - 1.5
  - {name: huge, slots: 99999999999}
  -
`),
  ).toMatchInlineSnapshot(`
    "/folder/job.yaml:6:5: \`tasks[0]\` can't be "a"
       6 |   - a
         |     ^
         = expected a small letter or a digit, then one or more of a-z, 0-9, _ and -

    /folder/job.yaml:7:5: \`tasks[1]\` can't be "Lint"
       7 |   - Lint
         |     ^^^^
         = expected a small letter or a digit, then one or more of a-z, 0-9, _ and -

    /folder/job.yaml:8:25: \`tasks[2].slots\` is -1
       8 |   - {name: unit, slots: -1}
         |                         ^^
         = expected 0 or more

    /folder/job.yaml:9:24: \`tasks[3].slots\` is 1.5
       9 |   - {name: e2e, slots: 1.5}
         |                        ^^^
         = expected a whole number

    /folder/job.yaml:10:25: \`tasks[4].slots\` is "two"
      10 |   - {name: wide, slots: two}
         |                         ^^^
         = expected a whole number

    /folder/job.yaml:11:5: \`name\` is missing in \`tasks[5]\`
      11 |   - {slots: 2}
         |     ^
         = expected a text

    /folder/job.yaml:12:6: unknown key \`nam\`
      12 |   - {nam: docs}
         |      ^^^
         = expected one of name, slots
         = did you mean \`name\`?

    /folder/job.yaml:13:5: \`tasks[7]\` is a list
      13 |   - [x]
         |     ^^^
         = expected a text or a mapping

    /folder/job.yaml:14:5: \`tasks[8]\` can't be 1.5
      14 |   - 1.5
         |     ^^^
         = expected a small letter or a digit, then one or more of a-z, 0-9, _ and -

    /folder/job.yaml:15:25: \`tasks[9].slots\` is 99999999999
      15 |   - {name: huge, slots: 99999999999}
         |                         ^^^^^^^^^^^
         = expected at most 2147483647

    /folder/job.yaml:16:4: \`tasks[10]\` can't be empty
      16 |   -
         |    ^
         = expected a small letter or a digit, then one or more of a-z, 0-9, _ and -"
  `);
});

it('tasks with the same name, however they are written', async () => {
  expect(await problemsOf(`${HEAD}tasks: [lint, test, {name: lint, slots: 2}, test]\n`)).toMatchInlineSnapshot(`
    "/folder/job.yaml:5:28: \`tasks[2]\` has the name of \`tasks[0]\`: lint
       5 | tasks: [lint, test, {name: lint, slots: 2}, test]
         |                            ^^^^
         = expected a name for each task

    /folder/job.yaml:5:45: \`tasks[3]\` has the name of \`tasks[1]\`: test
       5 | tasks: [lint, test, {name: lint, slots: 2}, test]
         |                                             ^^^^
         = expected a name for each task"
  `);
});

it('one problem after the other, in the order of the file', async () => {
  expect(
    await problemsOf(`name: X\nversion: 2\nsteps: [{dockerfile: nope, context: .}]\ntasks: [lint, lint]\ntsaks: []\n`),
  ).toMatchInlineSnapshot(`
    "/folder/job.yaml:1:7: \`name\` can't be "X"
       1 | name: X
         |       ^
         = expected a small letter, then one or more of a-z, 0-9, _ and -

    /folder/job.yaml:2:10: \`version\` is 2
       2 | version: 2
         |          ^
         = expected "1"

    /folder/job.yaml:3:22: /folder/nope does not exist
       3 | steps: [{dockerfile: nope, context: .}]
         |                      ^^^^
         = expected a file, relative to the jobfile's folder

    /folder/job.yaml:4:15: \`tasks[1]\` has the name of \`tasks[0]\`: lint
       4 | tasks: [lint, lint]
         |               ^^^^
         = expected a name for each task

    /folder/job.yaml:5:1: unknown key \`tsaks\`
       5 | tsaks: []
         | ^^^^^
         = expected one of version, name, about, steps, env, secrets, services, tasks
         = did you mean \`tasks\`?"
  `);
});

it('Windows line ends and tabs do not move the caret', async () => {
  expect(
    await problemsOf(PLAIN.replaceAll('\n', '\r\n').replace('tasks: [lint]', 'tasks:\t[lint,\tlint]')),
  ).toMatchInlineSnapshot(`
    "/folder/job.yaml:5:15: \`tasks[1]\` has the name of \`tasks[0]\`: lint
       5 | tasks:	[lint,	lint]
         |       	      	^^^^
         = expected a name for each task"
  `);
});

it('a file that can be read, but not what it names', async () => {
  await using folder = await jobfileFolder();
  await mkdir(join(folder.path, 'a'));
  await writeFile(join(folder.path, 'a', 'b'), '');
  expect(await folder.problemsOf(PLAIN.replace('Dockerfile,', 'a/b/c,'))).toMatchInlineSnapshot(`
    "/folder/job.yaml:4:18: /folder/a/b/c can't be read: ENOTDIR: not a directory, stat '/folder/a/b/c'
       4 |   - {dockerfile: a/b/c, context: .}
         |                  ^^^^^
         = expected a file, relative to the jobfile's folder"
  `);
});
