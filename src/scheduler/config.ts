/** The flags that the scheduler reads. They enter with `serverStarted`, so that a fold of old facts never meets new flags. */
export type SchedulerConfig = {
  /** Nodes at the same time, of any state that counts as a node; at least 1. */
  readonly maxNodes: number;
  /** Slots of a node made from now on; at least 1. */
  readonly slotsPerNode: number;
  /** Between two starts on one node. */
  readonly taskStartupDelayMs: number;
  /** From a task's start to its TIMED_OUT; 0 = none. */
  readonly taskTimeoutMs: number;
  /** Between two creations of nodes; the first is never delayed. */
  readonly provisioningDelayMs: number;
  /** From a failed provisioning to the node's discarding, and between attempts to terminate a node. */
  readonly provisioningFailureCooldownMs: number;
  /** How long a free node is kept while nothing is queued. */
  readonly nodeIdleTimeoutMs: number;
};
