/**
 * ```
 * queued → provisioning → online → terminating → terminated
 *    │           │                      └──────→ failedTerminating  (three failed attempts)
 *    │           └─→ failedProvisioning ─(cooldown)─→ discarded
 *    └─→ discarded  (dropped again before its time came)
 * ```
 */
export type NodeState =
  | 'queued'
  | 'provisioning'
  | 'failedProvisioning'
  | 'discarded'
  | 'online'
  | 'terminating'
  | 'failedTerminating'
  | 'terminated';

/**
 * An online node that does not answer. Its tasks run on, as far as anybody knows, and it takes no new ones. It either answers
 * again, or is found to be gone.
 */
export type Unreachable = {
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** What was tried last, and what came of it. */
  readonly why: string;
};

/** Why a task failed whose node is gone. */
export const reasonOfLoss = (why: string): string => `its node was lost: ${why}`;
