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
