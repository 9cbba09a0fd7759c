/** A job as it is handed in. Old clients leave fields out: each has its default here, so that the domain's types have no holes. */
import {
  type EnvVar,
  HEALTH_DEFAULTS,
  type HealthCheck,
  type JobSpec,
  type RerunRequest,
  type ServiceSpec,
  type Submission,
} from '../../domain/job.ts';
import { ok, type Result, refuse } from '../../domain/refusal.ts';
import type { Job, Job_Env, Job_Service, Job_Service_Health, RerunJobRequest, ScheduleJobRequest } from '../generated/alfred.ts';
import type { Duration } from '../generated/google/protobuf/duration.ts';
import { inKeepFailed, problemsOf } from './problems.ts';
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

/** Takes in what is asked of a job that runs again, or refuses it as `invalid`. */
export const decodeRerun = ({ onlyFailed, commandLine, startedBy, keepFailed }: RerunJobRequest): Result<RerunRequest> => {
  const keepFailedMs = durationToMs(keepFailed);
  const problems = [...inKeepFailed(keepFailedMs)];
  return problems.length === 0 ? ok({ onlyFailed, commandLine, startedBy, keepFailedMs }) : refuse('invalid', summary(problems));
};

export const encodeRerun = (jobId: string, { keepFailedMs, ...request }: RerunRequest): RerunJobRequest => ({
  name: jobId,
  ...request,
  keepFailed: encodeKeepFailed(keepFailedMs),
});

const encodeKeepFailed = (keepFailedMs: number): Duration | undefined =>
  keepFailedMs === 0 ? undefined : durationFromMs(keepFailedMs);

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
  keepFailedMs: durationToMs(job.keepFailed),
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
  keepFailed: encodeKeepFailed(spec.keepFailedMs),
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
