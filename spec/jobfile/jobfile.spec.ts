import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ENV_KEY, JOB_NAME, SECRET_NAME, TASK_NAME } from '../../src/domain/names.ts';
import { type Jobfile, toJobSpec, toYaml } from '../../src/jobfile/jobfile.ts';
import { jobfileFolder, PLAIN } from './support/jobfile-folder.ts';

it('is handed in with the ids of the images that were built', async () => {
  await using folder = await jobfileFolder();
  const reading = await folder.read(`${PLAIN}about: x\n`);
  if (!reading.ok) throw new Error('unreachable');
  expect(toJobSpec(reading.jobfile, ['sha256:1'])).toEqual({
    name: 'test',
    about: 'x',
    steps: ['sha256:1'],
    env: [],
    secrets: [],
    services: [],
    tasks: [{ name: 'lint', slots: 1 }],
    keepFailedMs: 0,
  });
});

const matching = (pattern: RegExp) => fc.stringMatching(pattern).filter(text => text !== '__proto__');

const variables = (value: fc.Arbitrary<string>) =>
  fc.uniqueArray(fc.record({ key: matching(ENV_KEY), value }), { selector: ({ key }) => key, maxLength: 4 });

const anyText = fc.string({ unit: 'grapheme' });

const jobfiles = (folder: string): fc.Arbitrary<Jobfile> =>
  fc.record({
    folder: fc.constant(folder),
    name: matching(JOB_NAME),
    about: anyText,
    steps: fc.array(
      fc.record({ dockerfile: fc.constant(`${folder}/Dockerfile`), context: fc.constant(folder), options: fc.array(anyText) }),
      { minLength: 1, maxLength: 3 },
    ),
    env: variables(anyText),
    secrets: variables(matching(SECRET_NAME)),
    services: fc.uniqueArray(
      fc.record({
        name: matching(JOB_NAME),
        image: fc.stringMatching(/^[a-z]+(:[a-z0-9.]+)?$/),
        env: variables(anyText),
        command: fc.array(anyText, { maxLength: 3 }),
        tmpfs: fc.array(fc.stringMatching(/^\/[a-z]+(:size=[0-9]m)?$/), { maxLength: 2 }),
        health: fc.option(
          fc.record({
            cmd: fc.constantFrom('redis-cli', '/bin/check me'),
            args: fc.array(anyText, { maxLength: 2 }),
            timeoutMs: fc.nat(),
            intervalMs: fc.nat(),
            retries: fc.integer({ min: 1, max: 100 }),
          }),
        ),
      }),
      { selector: ({ name }) => name, maxLength: 3 },
    ),
    tasks: fc.uniqueArray(fc.record({ name: matching(TASK_NAME), slots: fc.integer({ min: 1, max: 64 }) }), {
      selector: ({ name }) => name,
      minLength: 1,
      maxLength: 5,
    }),
  });

it('printed as YAML, it reads back as the same job', async () => {
  await using folder = await jobfileFolder();
  await fc.assert(
    fc.asyncProperty(jobfiles(folder.path), async jobfile => {
      // A dry run shows what the template made: its output is no template again.
      const source = `# template: go\n${toYaml(jobfile).replaceAll('{{', '{{"{{"}}')}`;
      const reading = await folder.read(source);
      expect(reading.ok ? reading.jobfile : reading).toEqual(jobfile);
    }),
    { numRuns: 100 },
  );
});
