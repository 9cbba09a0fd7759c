/** What a job that is run again is made of: the old one's submission, asked for by somebody else, perhaps with fewer tasks. */
import type { RerunRequest, Submission } from '../domain/job.ts';
import { ok, type Result, refuse } from '../domain/refusal.ts';
import type { JobStatus, TaskStatus } from '../domain/status.ts';
import { EXIT_WARNING } from '../domain/task.ts';

/** `old`: what the job was submitted with; `job`: how its tasks stand now. */
export const resubmission = (old: Submission, job: JobStatus, request: RerunRequest): Result<Submission> => {
  const { onlyFailed, keepFailedMs, commandLine, startedBy } = request;
  const failed = new Set(job.tasks.filter(hasFailed).map(({ name }) => name));
  const tasks = onlyFailed ? old.spec.tasks.filter(({ name }) => failed.has(name)) : old.spec.tasks;
  if (tasks.length > 0) return ok({ ...old, spec: { ...old.spec, tasks, keepFailedMs }, commandLine, startedBy });
  const goesOn = job.completedAt === null ? ' so far' : '';
  return refuse('nothingToRun', `no task of ${job.name} failed, timed out or was aborted${goesOn}: nothing is run again`);
};

/** The tasks for which `alfred run` exits 1: warnings (42) and skipped tasks (43) were as their author wanted them. */
const hasFailed = ({ state, exitCode }: TaskStatus): boolean =>
  state === 'timedOut' || state === 'aborted' || (state === 'failed' && exitCode !== EXIT_WARNING);
