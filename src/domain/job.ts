/** A `NAME=value` for a container's environment. For a job's secrets, `value` is the secret's name on the server. */
export type EnvVar = {
  readonly key: string;
  readonly value: string;
};

/** How a service says that it is ready: a command run inside its container. */
export type HealthCheck = {
  readonly cmd: string;
  readonly args: readonly string[];
  /** How long one check may take. */
  readonly timeoutMs: number;
  /** From the end of a failed check to the next one. */
  readonly intervalMs: number;
  /** Checks until the service counts as unhealthy; at least 1. */
  readonly retries: number;
};

/** What {@link HealthCheck} holds where the jobfile is silent. */
export const HEALTH_DEFAULTS = { timeoutMs: 5_000, intervalMs: 10_000, retries: 3 } as const;

/** A container beside the steps (database, cache), alive for the whole task, reached under its name. */
export type ServiceSpec = {
  readonly name: string;
  /** A reference that the node's engine can pull: `redis:7`, `registry.example/x@sha256:…`. */
  readonly image: string;
  readonly env: readonly EnvVar[];
  /** Replaces the image's command; empty means the image's own. */
  readonly command: readonly string[];
  /** `path[:options]`, as `docker run --tmpfs` takes it. */
  readonly tmpfs: readonly string[];
  readonly health: HealthCheck | null;
};

/** One unit of a job: runs all steps once, on `slots` slots of one node. */
export type TaskSpec = {
  readonly name: string;
  /** At least 1. */
  readonly slots: number;
};

/** What a jobfile describes, resolved: no templates, images built. */
export type JobSpec = {
  /** Without the server's suffix. */
  readonly name: string;
  readonly about: string;
  /** Image ids, one per step, run one after the other. */
  readonly steps: readonly string[];
  readonly env: readonly EnvVar[];
  readonly secrets: readonly EnvVar[];
  readonly services: readonly ServiceSpec[];
  /** At least one, no name twice. */
  readonly tasks: readonly TaskSpec[];
  /** How long a failed task's containers stay, and its slots with them; 0: not at all. At most {@link LONGEST_KEEP_MS}. */
  readonly keepFailedMs: number;
};

/** A day: what is kept takes slots from everybody, and a forgotten one should give them back. */
export const LONGEST_KEEP_MS = 24 * 3_600_000;

/** Asks for a job to be run again, as a job of its own. */
export type RerunRequest = {
  /** Only the tasks that failed, timed out or were aborted. */
  readonly onlyFailed: boolean;
  /** As a job's own: whoever asked for the old job may be gone. */
  readonly keepFailedMs: number;
  readonly commandLine: string;
  readonly startedBy: string;
};

/** A job as handed in: what it is, and what its history will show. */
export type Submission = {
  readonly spec: JobSpec;
  /** The jobfile's rendered source. */
  readonly jobfile: string;
  readonly commandLine: string;
  readonly startedBy: string;
};
