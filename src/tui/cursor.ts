/**
 * Where a person is in a list that changes under their hands. The place is the item, not its number: whatever comes and goes
 * around it, the chosen item stays chosen and stays on the line where the eye left it.
 */

export type Cursor = {
  /** The chosen item; `null` as long as nobody has moved: then it is the first one, whichever that is. */
  readonly key: string | null;
  /** Its place in the list when it was chosen: takes over when the item is gone. */
  readonly index: number;
  /** The first item on the screen when it was chosen. */
  readonly top: number;
};

export const AT_TOP: Cursor = { key: null, index: 0, top: 0 };

/** A list as it is now, and the lines that there are to show it. */
export type ListWindow = { readonly keys: readonly string[]; readonly height: number };

export type Placed = {
  /** The chosen item's place; -1 in an empty list. */
  readonly index: number;
  /** The first item on the screen. */
  readonly top: number;
};

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

export const place = (cursor: Cursor, { keys, height }: ListWindow): Placed => {
  if (keys.length === 0) return { index: -1, top: 0 };
  const index = indexIn(cursor, keys);
  const line = cursor.index - cursor.top;
  const top = clamp(index - line, 0, Math.max(0, keys.length - height));
  return { index, top: clamp(top, index - Math.max(0, height - 1), index) };
};

const indexIn = ({ key, index }: Cursor, keys: readonly string[]): number => {
  if (key === null) return 0;
  const found = keys.indexOf(key);
  return found === -1 ? clamp(index, 0, keys.length - 1) : found;
};

/** The cursor `by` items further down, or up where `by` is negative; it stops at the ends. */
export const move = (cursor: Cursor, by: number, list: ListWindow): Cursor => {
  const { index, top } = place(cursor, list);
  return moveTo(clamp(index + by, 0, list.keys.length - 1), top, list);
};

export const moveToEnd = (cursor: Cursor, list: ListWindow): Cursor =>
  moveTo(list.keys.length - 1, place(cursor, list).top, list);

const moveTo = (index: number, top: number, { keys, height }: ListWindow): Cursor => {
  const key = keys[index];
  if (key === undefined) return AT_TOP;
  return { key, index, top: clamp(top, index - Math.max(0, height - 1), index) };
};
