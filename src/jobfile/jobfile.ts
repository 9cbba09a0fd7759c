/** A jobfile as it was meant: no templates, all defaults in place, paths absolute. */
import { dirname, resolve } from 'node:path';
import { stringify } from 'yaml';
import { formatDuration } from '../base/duration.ts';
import { type EnvVar, HEALTH_DEFAULTS, type HealthCheck, type JobSpec, type ServiceSpec, type TaskSpec } from '../domain/job.ts';
import type { JobfileShape } from './schema.ts';

/** An image to build. */
export type ImageStep = {
  /** Absolute. */
  readonly dockerfile: string;
  /** Absolute. */
  readonly context: string;
  /** Further arguments of `docker build`, which runs in the jobfile's folder. */
  readonly options: readonly string[];
};

export type Jobfile = {
  /** Absolute: what the paths of the jobfile are relative to, and where its commands run. */
  readonly folder: string;
  readonly name: string;
  readonly about: string;
  /** At least one. */
  readonly steps: readonly ImageStep[];
  readonly env: readonly EnvVar[];
  readonly secrets: readonly EnvVar[];
  readonly services: readonly ServiceSpec[];
  /** At least one, no name twice. */
  readonly tasks: readonly TaskSpec[];
};

/** Where the jobfile at `path` looks for its files. */
export const folderOf = (path: string): string => dirname(resolve(path));

export function toJobfile(shape: JobfileShape, folder: string): Jobfile {
  return {
    folder,
    name: shape.name,
    about: shape.about ?? '',
    steps: shape.steps.map(({ dockerfile, context, options }) => ({
      dockerfile: resolve(folder, dockerfile),
      context: resolve(folder, context),
      options: options ?? [],
    })),
    env: envVars(shape.env),
    secrets: envVars(shape.secrets),
    services: Object.entries(shape.services ?? {}).map(([name, service]) => ({
      name,
      image: service.image,
      env: envVars(service.env),
      command: service.command ?? [],
      tmpfs: service.tmpfs ?? [],
      health: service.health === undefined ? null : healthCheck(service.health),
    })),
    tasks: shape.tasks.map(task =>
      typeof task === 'string' ? { name: task, slots: 1 } : { name: task.name, slots: task.slots || 1 },
    ),
  };
}

/** The job as the server wants it; `imageIds` are those of the steps, in their order. */
export const toJobSpec = ({ name, about, env, secrets, services, tasks }: Jobfile, imageIds: readonly string[]): JobSpec => ({
  name,
  about,
  steps: imageIds,
  env,
  secrets,
  services,
  tasks,
  keepFailedMs: 0,
});

/** The job as a jobfile that says everything and needs no template: reading it gives the same job. */
export function toYaml(jobfile: Jobfile): string {
  const document = {
    version: '1',
    name: jobfile.name,
    ...(jobfile.about === '' ? {} : { about: jobfile.about }),
    steps: jobfile.steps.map(({ options, ...step }) => ({ ...step, ...unlessEmpty('options', options) })),
    ...unlessEmpty('env', jobfile.env, fromEnvVars),
    ...unlessEmpty('secrets', jobfile.secrets, fromEnvVars),
    ...unlessEmpty('services', jobfile.services, services =>
      Object.fromEntries(services.map(service => [service.name, fromService(service)])),
    ),
    tasks: jobfile.tasks.map(({ name, slots }) => (slots === 1 ? name : { name, slots })),
  };
  // Quotes what older YAML would take for a truth: `no`, `on`.
  return stringify(document, { lineWidth: 0, compat: 'yaml-1.1' });
}

type HealthShape = NonNullable<NonNullable<JobfileShape['services']>[string]['health']>;

function healthCheck({ cmd, timeout, interval, retries }: HealthShape): HealthCheck {
  const [program = '', ...args] = typeof cmd === 'string' ? words(cmd) : cmd;
  return {
    cmd: program,
    args,
    timeoutMs: timeout ?? HEALTH_DEFAULTS.timeoutMs,
    intervalMs: interval ?? HEALTH_DEFAULTS.intervalMs,
    retries: retries ?? HEALTH_DEFAULTS.retries,
  };
}

/** A program's name needs no shell in the container; what has spaces in it is a command line, which does. */
const words = (cmd: string): readonly string[] => (/\s/.test(cmd) ? ['sh', '-c', cmd] : [cmd]);

const envVars = (entries: Readonly<Record<string, string>> = {}): readonly EnvVar[] =>
  Object.entries(entries).map(([key, value]) => ({ key, value }));

const fromEnvVars = (variables: readonly EnvVar[]) => Object.fromEntries(variables.map(({ key, value }) => [key, value]));

const fromService = ({ image, env, command, tmpfs, health }: ServiceSpec) => ({
  image,
  ...unlessEmpty('command', command),
  ...unlessEmpty('tmpfs', tmpfs),
  ...unlessEmpty('env', env, fromEnvVars),
  ...(health === null ? {} : { health: fromHealthCheck(health) }),
});

const fromHealthCheck = ({ cmd, args, timeoutMs, intervalMs, retries }: HealthCheck) => ({
  cmd: [cmd, ...args],
  timeout: formatDuration(timeoutMs),
  interval: formatDuration(intervalMs),
  retries,
});

const unlessEmpty = <Item, Shown = readonly Item[]>(
  key: string,
  list: readonly Item[],
  show: (list: readonly Item[]) => Shown = list => list as Shown,
): Record<string, Shown> => (list.length === 0 ? {} : { [key]: show(list) });
