/** When a watch cancels the rest of a job by itself. */
import type { JobStatus, TaskStatus } from '../../domain/status.ts';
import { oneLine } from '../one-line.ts';
import { type GroupName, groupNameOf, hasEnded } from './groups.ts';

export type AbortRules = {
  /** When a task exits 42. */
  readonly onFailure: boolean;
  /** When a task fails otherwise or times out. */
  readonly onError: boolean;
};

/** Why the rest of the job is to be cancelled, as a person reads it; `null` when there is no reason to. */
export const reasonToAbort = (job: JobStatus, rules: AbortRules): string | null => {
  if (job.tasks.every(hasEnded)) return null;
  const culprit = job.tasks.find(task => calls(rules, groupNameOf(task)));
  return culprit === undefined ? null : `${oneLine(culprit.name)} ${verb(culprit)}`;
};

const calls = (rules: AbortRules, group: GroupName): boolean =>
  group === 'warning' ? rules.onFailure : rules.onError && (group === 'failed' || group === 'timedOut');

const verb = ({ state, exitCode }: TaskStatus): string => (state === 'timedOut' ? 'timed out' : `exited ${exitCode}`);
