/**
 * The jobfile's shape: one definition for validation (zod), for what the code gets, and for editors
 * ({@link jobfileJsonSchema}). Rules that need more than the shape (names twice, files that must exist) are in `rules.ts`,
 * the words for what does not fit in `faults.ts`.
 */
import { z } from 'zod';
import { parseDuration } from '../base/duration.ts';
import { ENV_KEY, JOB_NAME, SECRET_NAME, TASK_NAME } from '../domain/names.ts';
import { PlainScalar } from './tree.ts';

/** `path[:options]`, as `docker run --tmpfs` takes it. */
const TMPFS = /^\/[^:]*(:.*)?$/;

const NO_SPACES = /^\S+$/;

/** What each pattern asks for, in words. */
export const PATTERN_WORDS: ReadonlyMap<string, string> = new Map([
  [JOB_NAME.source, 'a small letter, then one or more of a-z, 0-9, _ and -'],
  [TASK_NAME.source, 'a small letter or a digit, then one or more of a-z, 0-9, _ and -'],
  [ENV_KEY.source, 'a capital letter, then one or more of A-Z, 0-9 and _'],
  [SECRET_NAME.source, 'letters, digits, ., _ and -, beginning with a letter, a digit or _'],
  [TMPFS.source, 'an absolute path in the container, maybe with options: /tmp or /tmp:size=64m'],
  [NO_SPACES.source, 'a text without spaces'],
]);

/** What the author typed, where a text is wanted: `1.10` and `yes` are fine texts, nothing is the empty one. */
const typedText = (value: unknown): unknown => (value instanceof PlainScalar ? (value.value === null ? '' : value.typed) : value);

const plainValue = (value: unknown): unknown => (value instanceof PlainScalar ? value.value : value);

const text = () => z.preprocess(typedText, z.string()).meta({ type: ['string', 'number', 'boolean', 'null'] });

const word = (pattern: RegExp) => z.preprocess(typedText, z.string().regex(pattern));

const path = () => z.preprocess(typedText, z.string().min(1));

const wholeNumber = (atLeast: number) => z.preprocess(plainValue, z.int32().min(atLeast));

/** Milliseconds of a Go duration. */
const duration = () =>
  z.preprocess(
    typedText,
    z.string().transform((value, context) => {
      try {
        return parseDuration(value);
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
        return z.NEVER;
      }
    }),
  );

/** A mapping with these keys and no others. The message of its `unrecognized_keys` issue is the list of the known ones. */
const mapping = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.preprocess(
    plainValue,
    z.strictObject(shape, {
      error: ({ code }) => (code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : undefined),
    }),
  );

/** `key:` with nothing behind it is the same as no key. */
const optional = <Inner extends z.ZodType>(inner: Inner) =>
  z.preprocess(value => (plainValue(value) === null ? undefined : value), inner.optional());

const variables = () => z.record(z.string().regex(ENV_KEY), text());

const health = mapping({
  cmd: z.union([path(), z.array(text()).min(1)]).meta({
    description:
      'Run inside the container; exit code 0 says healthy. A list is a program and its arguments; a text with spaces is run by sh -c.',
    examples: [['redis-cli', 'ping'], 'pg_isready -h 127.0.0.1'],
  }),
  timeout: optional(duration()).meta({ description: 'How long one check may take; default 5s.', examples: ['5s'] }),
  interval: optional(duration()).meta({
    description: 'From the end of a failed check to the next; default 10s.',
    examples: ['500ms'],
  }),
  retries: optional(wholeNumber(1)).meta({
    description: 'Checks until the service counts as unhealthy; default 3.',
    examples: [30],
  }),
});

const service = mapping({
  image: word(NO_SPACES).meta({
    description: "A reference that the node's engine can pull.",
    examples: ['redis:7', 'postgres:16-alpine'],
  }),
  command: optional(z.array(text())).meta({
    description: "Replaces the image's command.",
    examples: [['redis-server', '--save', '']],
  }),
  tmpfs: optional(z.array(word(TMPFS))).meta({
    description: 'Folders of the container that live in memory: path[:options].',
    examples: [['/var/lib/postgresql/data:size=512m']],
  }),
  env: optional(variables()).meta({
    description: "The container's environment.",
    examples: [{ POSTGRES_PASSWORD: 'postgres' }],
  }),
  health: optional(health).meta({
    description: 'How the service says that it is ready; without it, it counts as ready once it runs.',
  }),
});

const step = mapping({
  dockerfile: path().meta({
    description: "The Dockerfile, relative to the jobfile's folder.",
    examples: ['docker/test.Dockerfile'],
  }),
  context: path().meta({
    description: "The folder that the build may copy from, relative to the jobfile's folder.",
    examples: ['.'],
  }),
  options: optional(z.array(text())).meta({
    description: 'Further arguments of docker build.',
    examples: [
      ['--build-arg', 'VERSION=3'],
      ['--secret', 'id=npmrc,src=.npmrc'],
    ],
  }),
});

const taskName = () => word(TASK_NAME).meta({ description: "The task's name, unique in the job.", examples: ['unit-tests'] });

const task = z.union([
  taskName(),
  mapping({
    name: taskName(),
    slots: optional(wholeNumber(0)).meta({ description: 'Slots of one node that the task takes; default 1.', examples: [2] }),
  }),
]);

export const jobfileShape = mapping({
  version: z.preprocess(typedText, z.literal('1')).meta({ description: "The version of the jobfile's format." }),
  name: word(JOB_NAME).meta({
    description: "The job's name; the server adds two words to it.",
    examples: ['test', 'nightly-e2e'],
  }),
  about: optional(text()).meta({ description: 'What the job is for; shown in its status.', examples: ['Unit tests of the API'] }),
  steps: z.array(step).min(1).meta({ description: 'The images that every task runs, one after the other.' }),
  env: optional(variables()).meta({ description: "The steps' environment.", examples: [{ CI: 'true' }] }),
  secrets: optional(z.record(z.string().regex(ENV_KEY), word(SECRET_NAME))).meta({
    description: "The steps' secret environment: names of secrets on the server.",
    examples: [{ NPM_TOKEN: 'npm-token' }],
  }),
  services: optional(z.record(z.string().regex(JOB_NAME), service)).meta({
    description: 'Containers beside the steps, alive for the whole task, reached under their names.',
  }),
  tasks: z
    .array(task)
    .min(1)
    .meta({
      description: 'The tasks; each runs all steps once.',
      examples: [['lint', { name: 'e2e', slots: 2 }]],
    }),
}).meta({ title: 'Alfred jobfile', description: 'A job: what its tasks are, and the images that each of them runs.' });

/** What the schema makes of a jobfile: as it was written, with durations in milliseconds. */
export type JobfileShape = z.infer<typeof jobfileShape>;

/** For editors: completes and checks jobfiles without templates. */
export const jobfileJsonSchema = (): object =>
  z.toJSONSchema(jobfileShape, {
    io: 'input',
    unrepresentable: 'any',
    target: 'draft-7',
    // zod leaves examples out where a value is transformed; ours are what authors write, before any transformation.
    override: ({ zodSchema, jsonSchema }) => {
      const examples = z.globalRegistry.get(zodSchema)?.examples;
      if (Array.isArray(examples)) jsonSchema.examples = examples;
    },
  });
