/** Nodes as rows: their slots as a strip in the colours of the jobs that hold them. */
import { formatElapsed } from '../base/figures.ts';
import type { JobId } from '../domain/names.ts';
import type { NodeState, Unreachable } from '../domain/node.ts';
import type { NodeStatus } from '../domain/status.ts';
import type { Color } from './style.ts';

/** `hue` is `null` for a job that is not listed (any more). */
export type NodeTask = { readonly label: string; readonly hue: Color | null };

export type NodeRow = {
  readonly key: string;
  readonly name: string;
  readonly state: NodeState | 'unreachable';
  /** Per slot the task that holds it, `null` where it is free. */
  readonly slots: readonly (NodeTask | null)[];
  readonly busy: number;
  /** Each running task once; those that hold several slots say so: `e2e(4)`. */
  readonly tasks: readonly NodeTask[];
  /** What failed, or since when it does not answer and why; empty for a node that is well. */
  readonly reason: string;
  /** What it is busy with beside its tasks; empty: nothing. */
  readonly activity: string;
};

/** Nodes that work come first, then those that will, then those that did; what failed stands between, where it is seen. */
const STATE_ORDER: Readonly<Record<NodeState, number>> = {
  online: 0,
  provisioning: 1,
  queued: 2,
  failedProvisioning: 3,
  failedTerminating: 4,
  terminating: 5,
  discarded: 6,
  terminated: 7,
};

/** `node-10` after `node-9`. */
const byName = new Intl.Collator('en', { numeric: true });

export const nodesInOrder = (nodes: readonly NodeStatus[]): readonly NodeStatus[] =>
  nodes.toSorted((a, b) => STATE_ORDER[a.state] - STATE_ORDER[b.state] || byName.compare(a.name, b.name));

export const nodeHaystack = ({ name, state, unreachable, slots }: NodeStatus): string =>
  [
    name,
    unreachable === null ? state : 'unreachable',
    ...slots.flatMap(({ task }) => (task === null ? [] : [task.job, task.name])),
  ].join(' ');

export const toNodeRow = (node: NodeStatus, hues: ReadonlyMap<JobId, Color>, now: number): NodeRow => {
  const slots = node.slots.map(({ task }): NodeTask | null =>
    task === null ? null : { label: task.name, hue: hues.get(task.job) ?? null },
  );
  return {
    key: node.name,
    name: node.name,
    state: node.unreachable === null ? node.state : 'unreachable',
    slots,
    busy: slots.filter(slot => slot !== null).length,
    // Asked for where the node is on the screen: of a hundred nodes, a few are.
    get tasks() {
      return tasksOn(node, hues);
    },
    reason: node.unreachable === null ? (node.reason ?? '') : silence(node.unreachable, now),
    activity: node.activity ?? '',
  };
};

const silence = ({ since, why }: Unreachable, now: number): string => `${formatElapsed(now - since)}: ${why}`;

const tasksOn = ({ slots }: NodeStatus, hues: ReadonlyMap<JobId, Color>): readonly NodeTask[] => {
  const held = slots.flatMap(({ task }) => (task === null ? [] : [task]));
  // Two jobs may have a task of the same name.
  const byTask = Map.groupBy(held, ({ job, name }) => `${job}/${name}`);
  return [...byTask.values()].flatMap(([task, ...others]) => {
    if (task === undefined) return [];
    const label = others.length === 0 ? task.name : `${task.name}(${others.length + 1})`;
    return [{ label, hue: hues.get(task.job) ?? null }];
  });
};
