/** Thrown when a rule of the program itself is broken: a bug, never an outcome. Nobody catches it to go on. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** States what must hold here; throws {@link InvariantError} where it does not. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Ends a `switch` over a union: tsc names the missing case, and a value from outside the types is a bug. */
export function assertNever(value: never): never {
  throw new InvariantError(`unexpected value: ${JSON.stringify(value)}`);
}
