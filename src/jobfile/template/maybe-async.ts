/**
 * Values that are usually there at once. Only commands and look-ups of hosts make a template wait; a promise for every step
 * would make all others ten times slower.
 */
export type MaybeAsync<Value> = Value | Promise<Value>;

/** Goes on with the value: now if it is there, later if not. */
export const andThen = <Value, Next>(value: MaybeAsync<Value>, next: (value: Value) => MaybeAsync<Next>): MaybeAsync<Next> =>
  value instanceof Promise ? value.then(next) : next(value);

/** All values in their order, each begun when those before it are there. */
export function inOrder<Item, Value>(
  items: readonly Item[],
  valueOf: (item: Item) => MaybeAsync<Value>,
): MaybeAsync<readonly Value[]> {
  const values: Value[] = [];
  const from = (start: number): MaybeAsync<readonly Value[]> => {
    for (let index = start; index < items.length; index++) {
      const value = valueOf(items[index] as Item);
      if (value instanceof Promise) {
        return value.then(settled => {
          values.push(settled);
          return from(index + 1);
        });
      }
      values.push(value);
    }
    return values;
  };
  return from(0);
}
