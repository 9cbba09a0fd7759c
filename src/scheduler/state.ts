import type { List, Map } from 'immutable';
import type { Submission } from '../domain/job.ts';
import type { JobId, NodeId, TaskKey } from '../domain/names.ts';
import type { NodeState } from '../domain/node.ts';
import type { StopReason } from '../domain/task.ts';
import type { SchedulerConfig } from './config.ts';
// Drawn by hand for a start; the scheduler's author refines it.
export type State = {
  readonly config: SchedulerConfig;
  readonly jobs: Map<JobId, { readonly id: JobId; readonly submission: Submission }>;
  readonly queue: List<JobId>;
  readonly tasks: Map<TaskKey, { readonly stop: StopReason | null }>;
  readonly nodes: readonly { readonly id: NodeId; readonly state: NodeState }[];
};
