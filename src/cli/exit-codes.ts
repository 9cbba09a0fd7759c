import type { Brand } from '../base/brand.ts';
import type { JobStatus, TaskStatus } from '../domain/status.ts';
import { EXIT_SKIPPED, EXIT_WARNING } from '../domain/task.ts';

/** What `alfred` tells the shell. Scripts depend on each of them. */
export const EXIT = {
  ok: 0,
  /** A task failed, timed out or was aborted. */
  failed: 1,
  /** The command line, the jobfile or this machine is not as it must be: nothing ran. */
  usage: 2,
  /** The server could not be reached, or said no. */
  server: 3,
  warning: EXIT_WARNING,
  skipped: EXIT_SKIPPED,
  interrupted: 130,
} as const;

/** What a command exited with that was run on the user's behalf: passed on as it is, whatever it means there. */
export type CommandExitCode = Brand<number, 'CommandExitCode'>;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT] | CommandExitCode;

/** From bad to good: what a job's exit code is chosen by. */
const WORST_FIRST: readonly ExitCode[] = [EXIT.failed, EXIT.warning, EXIT.skipped];

/** A task that has not ended is no reason to complain yet: 0. */
const taskExitCode = ({ state, exitCode }: TaskStatus): ExitCode => {
  switch (state) {
    case 'queued':
    case 'running':
    case 'completed':
      return EXIT.ok;
    case 'skipped':
      return EXIT.skipped;
    case 'failed':
      return exitCode === EXIT_WARNING ? EXIT.warning : EXIT.failed;
    case 'timedOut':
    case 'aborted':
      return EXIT.failed;
  }
};

/** The worst of the tasks that have ended: 1 over 42 over 43 over 0. */
export const jobExitCode = (job: JobStatus): ExitCode => {
  const met = new Set(job.tasks.map(taskExitCode));
  return WORST_FIRST.find(code => met.has(code)) ?? EXIT.ok;
};
