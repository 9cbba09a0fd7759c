import { EXIT_NONE, EXIT_SKIPPED, type StopReason, type TaskOutcome, type TaskResult } from '../domain/task.ts';

/** A task that exits by itself keeps its own exit, whatever it was told meanwhile; any other end is what it was told. */
export const outcomeOf = (result: TaskResult, stop: StopReason | null): TaskOutcome => {
  if (result.type === 'exited') return outcomeOfExit(result.code, result.reason);
  if (stop !== null) return { type: stop === 'cancel' ? 'aborted' : 'timedOut' };
  return {
    type: 'failed',
    exitCode: EXIT_NONE,
    reason: result.type === 'broken' ? result.reason : 'stopped, though nobody asked for it',
  };
};

const outcomeOfExit = (exitCode: number, reason: string | undefined): TaskOutcome => {
  if (exitCode === 0) return { type: 'completed' };
  if (exitCode === EXIT_SKIPPED) return { type: 'skipped' };
  return { type: 'failed', exitCode, ...(reason === undefined ? {} : { reason }) };
};
