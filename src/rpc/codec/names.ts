/** The names that come in from the wire: nothing behind this door meets one that could leave a folder or break a label. */
import { JOB_NAME, type JobId, TASK_NAME } from '../../domain/names.ts';
import { ok, type Result, refuse } from '../../domain/refusal.ts';

/** Longest name of a job, task or service: with the server's suffix, a task's full name still fits a file name (255 bytes). */
export const MAX_NAME_LENGTH = 100;

/** A full name is a job's name and what the server appended to it. */
const MAX_FULL_NAME_LENGTH = 200;

/** What the names of jobs and services must look like, as a sentence's end. */
export const JOB_NAME_RULE = 'must be two or more of a-z, 0-9, - and _, starting with a letter';

/** What the names of tasks must look like, as a sentence's end. */
export const TASK_NAME_RULE = 'must be two or more of a-z, 0-9, - and _, starting with a letter or a digit';

/** A value from outside as it may stand in a message: quoted, on one line, cut to a readable length. */
export const quote = (value: string): string => JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);

/** Takes a job's full name in, or refuses it. */
export const parseJobId = (name: string): Result<JobId> =>
  JOB_NAME.test(name) && name.length <= MAX_FULL_NAME_LENGTH
    ? ok(name as JobId)
    : refuse('invalid', `job name ${quote(name)} ${JOB_NAME_RULE}`);

/** Takes a task's name in, or refuses it. */
const parseTaskName = (name: string): Result<string> =>
  TASK_NAME.test(name) && name.length <= MAX_NAME_LENGTH
    ? ok(name)
    : refuse('invalid', `task name ${quote(name)} ${TASK_NAME_RULE}`);

/** Takes a job's full name and the name of one of its tasks in, or refuses them. */
export const parseTask = (request: {
  readonly job: string;
  readonly task: string;
}): Result<{ jobId: JobId; taskName: string }> => {
  const jobId = parseJobId(request.job);
  if (!jobId.ok) return jobId;
  const taskName = parseTaskName(request.task);
  if (!taskName.ok) return taskName;
  return ok({ jobId: jobId.value, taskName: taskName.value });
};

/** Letters, digits and what ids (`sha256:…`) and references (`registry/x:1@sha256:…`) are made of; never an option or a path. */
const IMAGE = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]*$/;

/** Whether an engine could know an image by this id or reference. */
export const isImage = (text: string): boolean => IMAGE.test(text) && text.length <= 512;

/** Takes an image id in, or refuses it. */
export const parseImageId = (id: string): Result<string> =>
  isImage(id) ? ok(id) : refuse('invalid', `image id ${quote(id)} is none: send what \`docker build --iidfile\` wrote`);
