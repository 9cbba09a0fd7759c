import type { Brand } from '../base/brand.ts';

/** A job's full name, `<name>-<adjective>-<noun>`: unique over the whole history of a server, so it is the job's id too. */
export type JobId = Brand<string, 'JobId'>;

/** `<job full name>-<task name>`: names a task's workspace, network, containers and artifact. Unique among a server's tasks. */
export type TaskFullName = Brand<string, 'TaskFullName'>;

/** A node's name, unique over the whole history of a server. */
export type NodeId = Brand<string, 'NodeId'>;

/**
 * A task among all tasks: `<job id>/<index in the job>`. Full names are no keys: `x-red-fox` + `blue-owl-1` and
 * `x-red-fox-blue-owl` + `1` read the same.
 */
export type TaskKey = Brand<string, 'TaskKey'>;

/** Job names and job full names; names of services follow the same rule. */
export const JOB_NAME = /^[a-z][a-z0-9_-]+$/;

/** Task names. */
export const TASK_NAME = /^[a-z0-9][a-z0-9_-]+$/;

/** Keys of `env` and `secrets`. */
export const ENV_KEY = /^[A-Z][A-Z0-9_]+$/;

/** Names of secrets on the server: one path segment, never hidden, never `..`. */
export const SECRET_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/** Checks nothing: the job's and the task's name were checked at the door. */
export const taskFullName = (jobId: JobId, taskName: string): TaskFullName => `${jobId}-${taskName}` as TaskFullName;

export const taskKey = (jobId: JobId, index: number): TaskKey => `${jobId}/${index}` as TaskKey;
