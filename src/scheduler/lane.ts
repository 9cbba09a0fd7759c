import { Set as PersistentSet } from 'immutable';

/**
 * A job's queued tasks of one width, as a cursor: `returned`, then `indexes` from `next` on, without `gone`. However many
 * tasks wait, taking the next one touches a number. Invariant: `indexes[next]`, where there is one, is not gone.
 */
export type Lane = {
  /** Slots that each of the tasks takes. */
  readonly width: number;
  /** All tasks of this width, ascending: made once, shared by every state. */
  readonly indexes: readonly number[];
  readonly next: number;
  /** Cancelled singly while the cursor had not reached them. */
  readonly gone: PersistentSet<number>;
  /** Queued again after their node got lost before they started; ascending, all of them behind the cursor. */
  readonly returned: readonly number[];
};

export const newLane = (width: number, indexes: readonly number[]): Lane => ({
  width,
  indexes,
  next: 0,
  gone: PersistentSet(),
  returned: [],
});

/** The task that goes next; `undefined`: none is left. */
export const firstOf = (lane: Lane): number | undefined => lane.returned[0] ?? lane.indexes[lane.next];

/** Whether a task of this lane's width is still queued. */
export const isQueuedIn = (lane: Lane, index: number): boolean => {
  const cursor = lane.indexes[lane.next];
  return lane.returned.includes(index) || (cursor !== undefined && index >= cursor && !lane.gone.has(index));
};

/** All that are still queued, ascending. */
export const queuedIn = (lane: Lane): readonly number[] => [
  ...lane.returned,
  ...lane.indexes.slice(lane.next).filter(index => !lane.gone.has(index)),
];

/** The lane when its first task has got slots. */
export const withoutFirst = (lane: Lane): Lane =>
  lane.returned.length > 0
    ? { ...lane, returned: lane.returned.slice(1) }
    : moveCursor(
        lane,
        firstNotGone(lane, lane.next + 1, index => lane.gone.has(index)),
      );

/** The lane without these tasks, which are all queued in it. */
export const withoutAll = (lane: Lane, dropped: ReadonlySet<number>): Lane => {
  const next = firstNotGone(lane, lane.next, index => dropped.has(index) || lane.gone.has(index));
  const moved = moveCursor(lane, next);
  const cursor = lane.indexes[next];
  const ahead = cursor === undefined ? [] : [...dropped].filter(index => index > cursor);
  return { ...moved, gone: moved.gone.union(ahead), returned: lane.returned.filter(index => !dropped.has(index)) };
};

/** The lane with a task queued again that had left it by the cursor. */
export const withReturned = (lane: Lane, index: number): Lane => ({
  ...lane,
  returned: [...lane.returned, index].sort((a, b) => a - b),
});

const firstNotGone = (lane: Lane, from: number, isGone: (index: number) => boolean): number => {
  let next = from;
  for (let index = lane.indexes[next]; index !== undefined && isGone(index); index = lane.indexes[next]) next += 1;
  return next;
};

/** What the cursor has passed needs no entry in `gone` any more. */
const moveCursor = (lane: Lane, next: number): Lane => ({
  ...lane,
  next,
  gone: lane.gone.isEmpty() ? lane.gone : lane.gone.subtract(lane.indexes.slice(lane.next, next)),
});
