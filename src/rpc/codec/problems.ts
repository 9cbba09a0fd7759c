/**
 * What is wrong with a submission, whatever the server's state: one line per mistake. The client's jobfile reader finds most
 * of these first, with line and column; this is the door for every other client.
 */
import { formatDuration } from '../../base/duration.ts';
import {
  type EnvVar,
  type HealthCheck,
  LONGEST_KEEP_MS,
  type ServiceSpec,
  type Submission,
  type TaskSpec,
} from '../../domain/job.ts';
import { ENV_KEY, JOB_NAME, SECRET_NAME, TASK_NAME } from '../../domain/names.ts';
import { isImage, JOB_NAME_RULE, MAX_NAME_LENGTH, quote, TASK_NAME_RULE } from './names.ts';

/** Far above what a job of people has, far below what hurts a server. */
const MOST = { tasks: 100_000, steps: 1_000, services: 100, envVars: 10_000 } as const;

/** In characters. The history keeps these texts, and every watcher of the job gets them. */
const LONGEST = { about: 10_000, jobfile: 1_000_000, commandLine: 100_000, startedBy: 1_000 } as const;

/** Linux takes no longer `KEY=VALUE` (MAX_ARG_STRLEN): a longer one would only fail once the container starts. */
const LONGEST_ENV_BYTES = 131_071;

/** The longest timer there is (2^31-1 ms, 24 days). */
const LONGEST_TIMER_MS = 2_147_483_647;

type Problems = Iterable<string>;

/** Every mistake of a submission, each a line; none: the submission is fine. */
export const problemsOf = (submission: Submission): readonly string[] => [...inSubmission(submission)];

function* inSubmission({ spec, ...texts }: Submission): Problems {
  yield* inName('job', spec.name, JOB_NAME, JOB_NAME_RULE);
  yield* inLength('about', spec.about);
  yield* inLength('jobfile', texts.jobfile);
  yield* inLength('commandLine', texts.commandLine);
  yield* inLength('startedBy', texts.startedBy);
  yield* inSteps(spec.steps);
  yield* inEnv('env', spec.env);
  yield* inSecrets(spec.secrets);
  yield* inServices(spec.services);
  yield* inTasks(spec.tasks);
  yield* inKeepFailed(spec.keepFailedMs);
}

function* inName(of: string, name: string, pattern: RegExp, rule: string): Problems {
  if (!pattern.test(name)) yield `${of} name ${quote(name)} ${rule}`;
  else if (name.length > MAX_NAME_LENGTH) yield `${of} name ${quote(name)} is longer than ${MAX_NAME_LENGTH} characters`;
}

function* inLength(text: keyof typeof LONGEST, value: string): Problems {
  if (value.length > LONGEST[text]) yield `${text} has ${value.length} characters; at most ${LONGEST[text]} are kept`;
}

function* inSteps(steps: readonly string[]): Problems {
  if (steps.length === 0) yield 'the job has no steps; at least one is needed';
  if (steps.length > MOST.steps) return yield `the job has ${steps.length} steps; at most ${MOST.steps} are taken`;
  for (const [index, image] of steps.entries()) if (!isImage(image)) yield `step ${index + 1}: image id ${quote(image)} is none`;
}

function* inEnv(where: string, env: readonly EnvVar[]): Problems {
  if (env.length > MOST.envVars) return yield `${where} has ${env.length} entries; at most ${MOST.envVars} are taken`;
  yield* inRepetition(
    `${where} key`,
    env.map(({ key }) => key),
  );
  for (const { key, value } of env) {
    if (!ENV_KEY.test(key)) yield `${where} key ${quote(key)} must be two or more of A-Z, 0-9 and _, starting with a letter`;
    else if (value.includes('\0')) yield `${where} ${quote(key)} holds a NUL character, which no environment can`;
    else if (Buffer.byteLength(`${key}=${value}`) > LONGEST_ENV_BYTES)
      yield `${where} ${quote(key)} is longer than the ${LONGEST_ENV_BYTES} bytes that Linux takes; put it into a file of the image`;
  }
}

function* inSecrets(secrets: readonly EnvVar[]): Problems {
  yield* inEnv('secrets', secrets);
  for (const { key, value } of secrets)
    if (!SECRET_NAME.test(value) || value.length > MAX_NAME_LENGTH)
      yield `secret ${quote(key)}: ${quote(value)} is no name of a secret on the server`;
}

function* inServices(services: readonly ServiceSpec[]): Problems {
  if (services.length > MOST.services) return yield `the job has ${services.length} services; at most ${MOST.services} are taken`;
  yield* inRepetition(
    'service',
    services.map(({ name }) => name),
  );
  for (const service of services) yield* inService(service);
}

function* inService({ name, image, env, tmpfs, command, health }: ServiceSpec): Problems {
  const where = `service ${quote(name)}`;
  yield* inName('service', name, JOB_NAME, JOB_NAME_RULE);
  if (!isImage(image)) yield `${where}: image ${quote(image)} is no image reference`;
  yield* inEnv(`${where}: env`, env);
  for (const mount of tmpfs)
    if (!isTmpfs(mount)) yield `${where}: tmpfs ${quote(mount)} must be an absolute path, then perhaps :options`;
  if (command.some(argument => argument.includes('\0'))) yield `${where}: command holds a NUL character`;
  if (health !== null) yield* inHealth(where, health);
}

const isTmpfs = (mount: string): boolean =>
  /^\/[^:\0]*(:[^:\0]*)?$/.test(mount) && !mount.split(':')[0]?.split('/').includes('..');

function* inHealth(where: string, { cmd, timeoutMs, intervalMs }: HealthCheck): Problems {
  if (cmd === '') yield `${where}: health needs a cmd`;
  if (!isTimer(timeoutMs)) yield `${where}: health timeout must lie between 1 ms and 24 days`;
  if (!isTimer(intervalMs)) yield `${where}: health interval must lie between 1 ms and 24 days`;
}

const isTimer = (ms: number): boolean => ms > 0 && ms <= LONGEST_TIMER_MS;

function* inTasks(tasks: readonly TaskSpec[]): Problems {
  if (tasks.length === 0) yield 'the job has no tasks; at least one is needed';
  if (tasks.length > MOST.tasks) return yield `the job has ${tasks.length} tasks; at most ${MOST.tasks} are taken`;
  yield* inRepetition(
    'task',
    tasks.map(({ name }) => name),
  );
  for (const { name } of tasks) yield* inName('task', name, TASK_NAME, TASK_NAME_RULE);
}

/** Also of a job that is run again, which comes without the rest of a submission. */
export function* inKeepFailed(keepFailedMs: number): Problems {
  if (!(keepFailedMs >= 0 && keepFailedMs <= LONGEST_KEEP_MS))
    yield `failed tasks can be kept for ${formatDuration(LONGEST_KEEP_MS)} at most, not for ${formatDuration(keepFailedMs)}`;
}

function* inRepetition(what: string, names: readonly string[]): Problems {
  const seen = new Set<string>();
  const told = new Set<string>();
  for (const name of names) {
    if (seen.has(name) && !told.has(name)) {
      yield `${what} ${quote(name)} stands there more than once`;
      told.add(name);
    }
    seen.add(name);
  }
}
