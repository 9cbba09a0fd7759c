/** A job as it is handed in. Old clients leave fields out: each has its default here, so that the domain's types have no holes. */
import {
  type EnvVar,
  HEALTH_DEFAULTS,
  type HealthCheck,
  type JobSpec,
  type ServiceSpec,
  type Submission,
} from '../../domain/job.ts';
import { ok, type Result, refuse } from '../../domain/refusal.ts';
import type { Job, Job_Env, Job_Service, Job_Service_Health, ScheduleJobRequest } from '../generated/alfred.ts';
import { problemsOf } from './problems.ts';
import { durationFromMs, durationToMs } from './time.ts';

/** Takes a submission in, or refuses it as `invalid`, naming every mistake. */
export const decodeSubmission = (request: ScheduleJobRequest): Result<Submission> => {
  if (request.job === undefined) return refuse('invalid', 'the request carries no job');
  const submission: Submission = {
    spec: decodeJob(request.job),
    jobfile: request.jobfile,
    commandLine: request.commandLine,
    startedBy: request.startedBy,
  };
  const problems = problemsOf(submission);
  return problems.length === 0 ? ok(submission) : refuse('invalid', summary(problems));
};

/** What the server will decode to the same submission. */
export const encodeSubmission = (submission: Submission): ScheduleJobRequest => ({
  job: encodeJob(submission.spec),
  jobfile: submission.jobfile,
  commandLine: submission.commandLine,
  startedBy: submission.startedBy,
});

/** Messages travel as a header, of some kilobytes at most. */
const MOST_PROBLEMS = 10;

const summary = (problems: readonly string[]): string =>
  problems.length <= MOST_PROBLEMS
    ? problems.join('; ')
    : `${problems.slice(0, MOST_PROBLEMS).join('; ')}; and ${problems.length - MOST_PROBLEMS} more mistakes`;

const decodeJob = (job: Job): JobSpec => ({
  name: job.name,
  about: job.about,
  steps: job.steps,
  env: job.env,
  secrets: job.secrets,
  services: job.services.map(decodeService),
  tasks: job.tasks.map(({ name, slots }) => ({ name, slots: slots || 1 })),
});

const decodeService = (service: Job_Service): ServiceSpec => ({
  name: service.name,
  image: service.image,
  env: service.env,
  command: service.command,
  tmpfs: service.tmpfs,
  health: service.health === undefined ? null : decodeHealth(service.health),
});

/** Zero means the default, as in Docker's own health checks. */
const decodeHealth = (health: Job_Service_Health): HealthCheck => ({
  cmd: health.cmd,
  args: health.args,
  timeoutMs: durationToMs(health.timeout) || HEALTH_DEFAULTS.timeoutMs,
  intervalMs: durationToMs(health.interval) || HEALTH_DEFAULTS.intervalMs,
  retries: health.retries || HEALTH_DEFAULTS.retries,
});

const encodeJob = (spec: JobSpec): Job => ({
  name: spec.name,
  about: spec.about,
  steps: [...spec.steps],
  env: spec.env.map(encodeEnv),
  secrets: spec.secrets.map(encodeEnv),
  services: spec.services.map(encodeService),
  tasks: spec.tasks.map(({ name, slots }) => ({ name, slots })),
});

const encodeEnv = ({ key, value }: EnvVar): Job_Env => ({ key, value });

const encodeService = (service: ServiceSpec): Job_Service => ({
  name: service.name,
  image: service.image,
  env: service.env.map(encodeEnv),
  health: service.health === null ? undefined : encodeHealth(service.health),
  command: [...service.command],
  tmpfs: [...service.tmpfs],
});

const encodeHealth = (health: HealthCheck): Job_Service_Health => ({
  cmd: health.cmd,
  args: [...health.args],
  timeout: durationFromMs(health.timeoutMs),
  interval: durationFromMs(health.intervalMs),
  retries: health.retries,
});
