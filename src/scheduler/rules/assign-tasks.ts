import type { Draft } from '../draft.ts';
import { firstQueued, type Head } from '../queue.ts';
import { isOfToday, type Node, type State } from '../state.ts';
import type { Rule } from './rule.ts';

/**
 * Gives free slots to queued tasks, in queue order, each to the first node that has enough of them. The first task that fits
 * nowhere reserves the roomiest node, which so drains for it, and lets those behind it go on elsewhere: without the
 * reservation a wide task starves behind narrow ones, and if all waited behind it, half of the slots would stand empty.
 */
export const assignTasks: Rule = draft => {
  if (draft.state.phase !== 'open') return;
  let reserved: Node | undefined;
  // Where a task did not fit, no wider one will: the search goes on among the narrower ones only.
  let limit = Number.POSITIVE_INFINITY;
  for (let head = firstQueued(draft.state, limit); head !== undefined; head = firstQueued(draft.state, limit)) {
    const node = firstWithRoom(draft.state, head.width, reserved);
    if (node !== undefined) {
      assign(draft, head, node);
    } else {
      reserved ??= roomiest(draft.state);
      limit = head.width;
    }
  }
};

const takesTasks = (state: State, node: Node): boolean =>
  node.state === 'online' && node.unreachable === null && isOfToday(state, node);

const firstWithRoom = (state: State, width: number, reserved: Node | undefined): Node | undefined =>
  state.nodes.find(node => node.freeSlots >= width && node.id !== reserved?.id && takesTasks(state, node));

const roomiest = (state: State): Node | undefined => {
  let most: Node | undefined;
  for (const node of state.nodes) {
    if (takesTasks(state, node) && node.freeSlots > (most?.freeSlots ?? -1)) most = node;
  }
  return most;
};

const assign = (draft: Draft, { job, index, width }: Head, node: Node): void => {
  const free = [...node.slots.keys()].filter(slot => node.slots[slot] === null);
  draft.emit({ type: 'taskAssigned', jobId: job.id, index, nodeId: node.id, slots: free.slice(0, width) });
};
